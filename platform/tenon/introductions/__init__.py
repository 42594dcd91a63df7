"""From match to contact: interest, a broker's check, an answer, consent, secrecy, a thread."""
