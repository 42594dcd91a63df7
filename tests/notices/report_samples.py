"""Reports of mail that came back, written by us in the three forms that are met most."""

from __future__ import annotations


def postfix(
    message_id: str,
    *,
    to: str = "bounces@tenon.example",
    status: str = "5.1.1",
    action: str = "failed",
    said: str = "550 5.1.1 <lan@example.org>: lan is not known here",
) -> bytes:
    """RFC 3464 with the copy's headers alone, fields folded."""
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="part/mx.example.net"

--part/mx.example.net
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered.

--part/mx.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Sun, 22 Nov 2026 08:00:00 +0000 (UTC)

Final-Recipient: rfc822; lan@example.org
Original-Recipient: rfc822;lan@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; {said}
    (in reply to RCPT TO command)

--part/mx.example.net
Content-Description: Headers of the undelivered message
Content-Type: text/rfc822-headers

From: Tenon <tenon@tenon.example>
To: lan@example.org
Message-ID: {message_id}

--part/mx.example.net--
""".encode()


def exchange(message_id: str, *, to: str = "bounces@tenon.example") -> bytes:
    """RFC 3464 within other parts, the whole mail enclosed, the good status among the words."""
    return f"""\
From: "Postmaster" <postmaster@corp.example>
To: <{to}>
Subject: Undeliverable: =?utf-8?b?6YCa55+l?=
X-MS-Exchange-Message-Is-Ndr:
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="_000_"

--_000_
Content-Type: multipart/alternative; boundary="_001_"

--_001_
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

5peg5rOV5oqV6YCS44CC

--_001_
Content-Type: text/html; charset="utf-8"

<p>It could not be delivered.</p>
--_001_--

--_000_
Content-Type: message/delivery-status

Reporting-MTA: dns;mail.corp.example

Final-recipient: RFC822;lan@corp.example
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp;550 5.1.10 no such recipient for Lan
X-Display-Name: Wei Lan

--_000_
Content-Type: message/rfc822

From: Tenon <tenon@tenon.example>
To: lan@corp.example
Subject: =?utf-8?b?6YCa55+l?=
Message-Id: {message_id}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

5.1.1 stands in the mail itself and means nothing.

--_000_--
""".replace("\n", "\r\n").encode()


def qmail(message_id: str, *, to: str = "bounces@tenon.example") -> bytes:
    """Prose in the form that qmail's authors laid down, without any structure of MIME."""
    return f"""\
Return-Path: <>
Delivered-To: {to}
From: MAILER-DAEMON@mail.example.com
To: {to}
Subject: failure notice

Hi. This is the deliver program at mail.example.com.
Your mail did not reach these addresses:

<lan@example.com>:
198.51.100.7 does not like recipient.
Remote host said: 550 lan is gone
Giving up on 198.51.100.7.

--- Below this line is a copy of the message.

Return-Path: <{to}>
From: Tenon <tenon@tenon.example>
To: lan@example.com
Message-ID: {message_id}

text
""".encode()


ON_HOLIDAY = b"""\
From: lan@example.org
To: bounces@tenon.example
Subject: On holiday
Auto-Submitted: auto-replied
In-Reply-To: <1@tenon.example>

550 5.1.1 I am away until Monday.
"""
