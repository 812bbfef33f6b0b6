"""Which addresses of the internet are public: the only ones that a request for somebody else may go to."""

import ipaddress

# Ranges that look public to the standard library of one Python or another and are not a stranger's host.
_NOT_PUBLIC_4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",  # a large provider's door to its own machinery
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",
        "240.0.0.0/4",
    )
]

# Public IPv6 is 2000::/3 without these; everything outside it is refused.
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = [
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address inside
        "3fff::/20",
    )
]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether `address` (an IPv4 or IPv6 literal) is a unicast address of the public internet.

    IPv4 addresses carried inside IPv6 (mapped, NAT64) are judged by the inner address.
    """
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return _is_public_4(ip.ipv4_mapped)
        if ip in _NAT64:
            return _is_public_4(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        return ip in _PUBLIC_6 and not any(ip in network for network in _NOT_PUBLIC_6)
    return _is_public_4(ip)


def _is_public_4(ip: ipaddress.IPv4Address) -> bool:
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NOT_PUBLIC_4)
