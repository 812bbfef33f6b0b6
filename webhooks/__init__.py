"""Telling programs elsewhere what happened here: endpoints, events, and every attempt to deliver one."""
