"""Names in little room: they fit, and those that differ look different."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dead_neuron_autopsy._words.labels import distinct_labels

ONE_STACK = [f"model.encoder.layers.{i}.self_attn.out_proj" for i in range(60)]
TWO_STACKS = [
    f"model.{stack}.layers.{i}.{part}"
    for stack in ("encoder", "decoder")
    for i in range(12)
    for part in ("self_attn.out_proj", "mlp.fc1", "mlp.fc2")
]
BLOCKS = [
    f"h.{i}.{part}"
    for i in range(48)
    for part in ("ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj")
]
POPULATIONS = {
    "one stack": (ONE_STACK, 4),
    "with others": (["embeddings.word", *ONE_STACK, "classifier.head"], 6),
    "two stacks": (TWO_STACKS, 7),
    "two stacks with others": (["embeddings.word", *TWO_STACKS, "head"], 7),
    "blocks": (BLOCKS, 8),
    "numbers first": ([f"{i}.transformer.feed_forward.output" for i in range(99)], 5),
    "no separators": ([f"convolution{i}activation" for i in range(99)], 5),
    "letters alone": ([f"{'x' * 30}{one}{'y' * 30}" for one in "abcdefgh"], 3),
    "chinese": ([f"编码器层·注意力·{i}·输出投影" for i in range(40)], 5),
}


@pytest.mark.parametrize(("names", "least"), POPULATIONS.values(), ids=POPULATIONS)
def test_names_that_differ_look_different_where_they_can(names: list[str], least: int) -> None:
    for width in range(least, 60):
        looks = distinct_labels(names, width, len)
        assert len(looks) == len(set(looks)) == len(names)
        assert max(map(len, looks)) <= width


@pytest.mark.parametrize(
    ("width", "look"),
    [
        (42, "model.encoder.layers.7.self_attn.out_proj"),
        (41, "…encoder.layers.7.self_attn.out_proj"),
        (36, "…layers.7.self_attn.out_proj"),
        (28, "…7.self_attn.out_proj"),
        (21, "…7.self_attn.out…"),
        (15, "…7.self_attn…"),
        (8, "…7…"),
    ],
)
def test_what_all_have_in_common_gives_way_word_by_word(width: int, look: str) -> None:
    assert distinct_labels(ONE_STACK, width, len)[7] == look


@pytest.mark.parametrize("width", range(4, 42))
def test_no_word_or_number_is_cut_in_two(width: int) -> None:
    words = set(re.findall("[a-z]+|[0-9]+", " ".join(ONE_STACK)))
    for name, look in zip(ONE_STACK, distinct_labels(ONE_STACK, width, len), strict=True):
        assert set(re.findall("[a-z]+|[0-9]+", look)) <= words
        assert re.findall("[0-9]+", look) == re.findall("[0-9]+", name)


def test_a_name_alone_is_shortened_in_its_middle() -> None:
    assert distinct_labels(["model.encoder.self_attn"], 11, len) == ["model…attn"]
    assert distinct_labels(["L1", "model.encoder.self_attn"], 11, len)[0] == "L1"
    assert distinct_labels([], 11, len) == []


def test_what_fits_stays_as_it_is() -> None:
    names = ["a……b", "a.…", "…", "", "same", "same"]
    assert distinct_labels(names, 5, len) == names


ANY_NAMES = st.lists(st.text(max_size=40), max_size=12)


@given(ANY_NAMES, st.integers(1, 50), st.text(max_size=30))
def test_any_names_fit(names: list[str], width: int, beginning: str) -> None:
    names = [beginning + name for name in names]
    looks = distinct_labels(names, width, len)
    assert len(looks) == len(names)
    assert all(len(look) <= width for look in looks)
    assert len(set(looks)) <= len(set(names))
    if all(len(name) <= width for name in names):
        assert looks == names


@given(
    st.sets(st.integers(0, 9999), min_size=2, max_size=30),
    st.from_regex("([a-z]{1,9}[._·/ ]){0,5}", fullmatch=True),
    st.from_regex("([._·/ ][a-z]{1,9}){0,5}", fullmatch=True),
    st.integers(6, 60),
)
def test_numbers_in_any_surroundings_are_told_apart(
    numbers: set[int], before: str, after: str, width: int
) -> None:
    names = [f"{before}{number}{after}" for number in numbers]
    looks = distinct_labels(names, width, len)
    assert len(set(looks)) == len(names)
    for number, look in zip(numbers, looks, strict=True):
        assert re.findall("[0-9]+", look) == [str(number)]


@given(
    st.lists(st.text("abx01.· ", max_size=30), min_size=2, max_size=12, unique=True),
    st.integers(0, 9),
)
def test_a_character_and_an_ellipsis_per_other_name_tell_a_name_apart(
    names: list[str], more: int
) -> None:
    width = 2 * len(names) - 1 + more
    looks = distinct_labels(names, width, len)
    assert len(set(looks)) == len(names)
    assert max(map(len, looks)) <= width


@given(st.lists(st.text("abx01.· ", max_size=30), max_size=12), st.integers(1, 20))
def test_a_label_depends_on_no_order(names: list[str], width: int) -> None:
    looks = distinct_labels(names, width, len)
    assert distinct_labels(names[::-1], width, len) == looks[::-1]


@pytest.mark.parametrize(
    ("width", "look"),
    [
        (29, "encoder…0.self_attn.out_proj"),
        (21, "encoder…0.self_attn…"),
        (16, "encoder…0.self…"),
        (12, "enco…0.self…"),
        (7, "e…0.se…"),
    ],
)
def test_words_that_tell_names_apart_are_the_last_to_lose_letters(width: int, look: str) -> None:
    names = [name.removeprefix("model.") for name in TWO_STACKS]
    assert distinct_labels(names, width, len)[0] == look


def test_a_name_that_begins_unlike_all_others_keeps_both_its_ends() -> None:
    names = ["averyveryverylongname", "anotherverylongname", "L1·N1", "L1·N2"]
    assert distinct_labels(names, 10, len) == ["avery…name", "anoth…name", *names[2:]]


def test_a_thousand_names_take_no_time() -> None:
    names = [f"m{i % 7}.layers.{i}.{'x' * (i % 31)}.out{i % 3}" for i in range(1000)]
    names += ["y" * 10**6, "z." * 10**5]
    start = time.perf_counter()
    for width in (40, 20, 10, 6):
        distinct_labels(names, width, len)
    assert time.perf_counter() - start < 4
