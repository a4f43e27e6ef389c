from controlllm_tools.media.mood import read_mood
from controlllm_tools.media.spans import Spans
from controlllm_tools.media.video_facts import read_video_facts
from controlllm_tools.resources import Resource, canonical_json
from controlllm_tools.samples.values import CHAPTERS, FACTS_VIDEO, MOOD, SPEECH, SPOKEN_WORDS


def test_the_example_values_fit_their_schemas() -> None:
    assert read_mood(canonical_json(MOOD)).to_json() == MOOD
    assert read_video_facts(canonical_json(FACTS_VIDEO)).to_json() == FACTS_VIDEO
    for spans in (SPEECH, SPOKEN_WORDS, CHAPTERS):
        assert Spans.from_json(canonical_json(spans)).to_json() == spans


def test_the_example_values_travel_inline() -> None:
    assert Resource.of_value("facts.video", FACTS_VIDEO).value["texts"][0]["text"]
    assert Resource.of_value("mood", MOOD).value["ensemble"]["lead"] == "vibraphone"
