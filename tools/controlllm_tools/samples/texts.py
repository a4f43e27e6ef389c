"""Texts as people write them, one for each kind of text."""

from __future__ import annotations

ARTICLE = """\
The fishing harbour of Marwick wakes long before the town. At half past four the first boats \
leave the quay, and their lamps draw a thin line across the bay. The crews are small: two or \
three people, often from one family, and a dog that knows the way.

For years the catch grew smaller. Young people moved away, and two of the five ice houses closed. \
Then the council tried something unusual. It asked the crews to leave a third of the bay alone \
for five years, and paid them to count fish instead of catching them.

Dr. Elin Moss, who planned the count, says that nobody believed in it at first. "They came to \
tell me how wrong I was," she remembers. After two years the numbers rose; after four, cod were \
seen at the old pier again. Today the crews catch less than they once did, but they sell it \
fresh, by name, at the quay. The queue begins at seven.
"""
"""Eleven sentences in three paragraphs."""

TITLE = "Morning at Marwick Harbour"
TAGS = "harbour, fishing boats, sunrise, sea"
KEYWORDS = "fishing harbour\nfirst boats\ncouncil\ncod\nquay"
DESCRIPTION = (
    "The sun rises over a calm harbour while two sailing boats pass each other. The light is warm, "
    "the water mostly blue. Words on screen read “HARBOUR AT DAWN”."
)
TRANSCRIPT = "Good morning from the harbour. The first boats are leaving now, and the sea is calm."
SUMMARY = (
    "The fishing harbour of Marwick wakes long before the town. Then the council tried something "
    "unusual. The queue begins at seven."
)
SUBTITLES = """\
1
00:00:00,200 --> 00:00:01,400
Good morning from the harbour.

2
00:00:01,600 --> 00:00:02,800
The first boats are leaving now.
"""
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Morning at Marwick Harbour</title></head>
<body><h1>Morning at Marwick Harbour</h1><p>The queue begins at seven.</p></body>
</html>
"""
