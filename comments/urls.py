"""The addresses of comments; whose post it is, the address of the comment does not say."""

from django.urls import path

from comments import catching_up, hearing, liking, views

urlpatterns = [
    path("since/<str:slug>/", catching_up.news, name="comment_news"),
    path("to/<str:slug>/", views.write, name="write_comment"),
    path("token/", views.token, name="comment_token"),
    path("confirm/<str:token>/", views.confirm, name="confirm_comment"),
    path("hear/<str:slug>/", hearing.hear, name="hear_comments"),
    path("hear/confirm/<str:token>/", hearing.confirm_hearing, name="confirm_hearing"),
    path("hear/end/<str:token>/", hearing.end_hearing, name="end_hearing"),
    path("<int:pk>/", views.comment, name="comment"),
    path("<int:pk>/thread/", views.thread, name="comment_thread"),
    path("<int:pk>/reply/", views.reply, name="reply_to_comment"),
    path("<int:pk>/like/", liking.like_comment, name="like_comment"),
    path("<int:pk>/mine/", views.mine, name="own_comment"),
    path("<int:pk>/edit/", views.edit, name="edit_comment"),
    path("<int:pk>/delete/", views.delete, name="delete_comment"),
    path("<int:pk>/appeal/", views.appeal, name="appeal_comment"),
    path("<int:pk>/report/", views.report, name="report_comment"),
]
