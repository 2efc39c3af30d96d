"""Models as people have them, with random weights: which axis is the unit, and who is dead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dead_neuron_autopsy import Peak, Recording, diagnose, plot_autopsy

torch = pytest.importorskip("torch", reason="needs PyTorch")
transformers = pytest.importorskip("transformers", reason="needs transformers")

from dead_neuron_autopsy.torch import record  # noqa: E402

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # what transformers says of itself
]

SMALL = {
    "vocab_size": 50,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}
GROUPED = {**SMALL, "num_key_value_heads": 2}
IMAGES = (2, 3, 64, 64)

#: The name of each model's class, its options, and the units of its layers by their function.
MODELS: dict[str, tuple[dict[str, Any], list[tuple[str, int]]]] = {
    "GPT2Model": (
        {"vocab_size": 50, "n_embd": 32, "n_layer": 2, "n_head": 2},
        [("gelu", 128)] * 2,
    ),
    "BertModel": (SMALL, [("gelu", 64)] * 2 + [("tanh", 32)]),
    "LlamaModel": (GROUPED, [("silu", 64)] * 2),
    "OPTModel": (
        {**SMALL, "ffn_dim": 64, "word_embed_proj_dim": 32},
        [("relu", 64)] * 2,
    ),
    "T5Model": (
        {"vocab_size": 50, "d_model": 32, "d_ff": 64, "num_layers": 2, "num_heads": 2, "d_kv": 16},
        [("relu", 64)] * 4,
    ),
    "ResNetModel": (
        {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1]},
        [("relu", n) for n in (8, 2, 2, 8, 4, 4, 16)],
    ),
    "ConvNextModel": (
        {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2},
        [("gelu", 32), ("gelu", 64)],
    ),
    "ViTModel": ({**SMALL, "image_size": 64}, [("gelu", 64)] * 2 + [("tanh", 32)]),
    "SwinModel": (
        {
            "image_size": 64,
            "embed_dim": 16,
            "depths": [1, 1],
            "num_heads": [2, 2],
            "window_size": 4,
        },
        [("gelu", 64), ("gelu", 128)],
    ),
    "Wav2Vec2Model": (
        {
            **{name: SMALL[name] for name in SMALL if name != "vocab_size"},
            "conv_dim": (16, 16),
            "conv_stride": (5, 2),
            "conv_kernel": (10, 3),
            "num_feat_extract_layers": 2,
            "num_conv_pos_embeddings": 16,
            "num_conv_pos_embedding_groups": 2,
        },
        [("gelu", n) for n in (16, 16, 32, 64, 64)],
    ),
    "MambaModel": (
        {"vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 2},
        [("silu", 64), ("softplus", 64), ("silu", 64)] * 2,
    ),
    "GPTNeoXModel": (SMALL, [("gelu", 64)] * 2),
    "BloomModel": (
        {"vocab_size": 50, "hidden_size": 32, "n_layer": 2, "n_head": 2},
        [("gelu", 128)] * 2,
    ),
}


def made(name: str, options: dict[str, Any]) -> Any:
    """Return a model with random weights, which are the same each time."""
    kind = getattr(transformers, name)
    torch.manual_seed(0)
    return kind(kind.config_class(**options)).eval()


def inputs_of(name: str) -> dict[str, Any]:
    torch.manual_seed(1)
    if name in {"ResNetModel", "ConvNextModel", "ViTModel", "SwinModel", "MobileNetV2Model"}:
        return {"pixel_values": torch.randn(IMAGES)}
    if name == "Wav2Vec2Model":
        return {"input_values": torch.randn(2, 4000)}
    ids = torch.randint(0, 50, (4, 17))
    return {"input_ids": ids} | ({"decoder_input_ids": ids} if name == "T5Model" else {})


def probed(model: Any, inputs: dict[str, Any], **options: Any) -> Recording:
    with torch.no_grad(), record(model, **options) as recording:
        model(**inputs)
        model(**inputs)
    return recording


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    with torch.random.fork_rng():
        yield


@pytest.mark.parametrize("name", MODELS)
def test_the_units_of_every_layer_are_found(name: str) -> None:
    options, expected = MODELS[name]
    recording = probed(made(name, options), inputs_of(name))
    assert [(layer.function, layer.n_units) for layer in recording.layers] == expected
    assert {layer.calls for layer in recording.layers} == {2}


def test_a_mobile_net_has_thirty_five_layers() -> None:
    recording = probed(made("MobileNetV2Model", {"image_size": 64}), inputs_of("MobileNetV2Model"))
    assert [layer.n_units for layer in recording.layers[:4]] == [32, 32, 96, 96]
    assert len(recording.layers) == 35


def test_what_is_not_clear_is_asked_for() -> None:
    mixtral = made("MixtralModel", {**GROUPED, "num_local_experts": 4})
    with pytest.raises(ValueError, match=r"several experts share.*experts\.act_fn"):
        probed(mixtral, inputs_of("MixtralModel"))
    gemma = made("Gemma2Model", {**GROUPED, "head_dim": 16})
    with pytest.raises(ValueError, match=r"'layers\.0\.self_attn\.tanh' \(4, 2, 17, 17\)"):
        probed(gemma, inputs_of("Gemma2Model"))
    recording = probed(gemma, inputs_of("Gemma2Model"), layers="*.act_fn")
    assert [layer.n_units for layer in recording.layers] == [64, 64]


@pytest.mark.parametrize(
    ("name", "linear", "layer", "criterion"),
    [
        ("GPT2Model", "h.{}.mlp.c_fc", "h.{}.mlp.act", Peak(1e-3)),
        ("OPTModel", "decoder.layers.{}.fc1", "decoder.layers.{}.activation_fn", Peak()),
        (
            "ResNetModel",
            "encoder.stages.{}.layers.0.layer.1.normalization",
            "encoder.stages.{}.layers.0.layer.1.activation",
            Peak(),
        ),
        ("GPTNeoXModel", "layers.{}.mlp.dense_h_to_4h", "layers.{}.mlp.act", Peak(1e-3)),
        ("ViTModel", "layers.{}.mlp.fc1", "layers.{}.mlp.activation_fn", Peak(1e-3)),
    ],
)
def test_planted_deaths_are_found_all_of_them_and_no_others(
    name: str, linear: str, layer: str, criterion: Any
) -> None:
    model, planted = made(name, MODELS[name][0]), {0: [1], 1: [0, 2]}
    with torch.no_grad():
        for place, units in planted.items():
            model.get_submodule(linear.format(place)).bias[units] = -100
    if name == "ResNetModel":
        model.train()  # normalized, none but these is silent by chance
    layers = layer.format("*") if name == "ViTModel" else None  # without the pooler's tanh
    found = diagnose(probed(model, inputs_of(name), layers=layers))
    assert found.criterion == criterion
    expected = [f"{layer.format(n)}·{unit}" for n, units in planted.items() for unit in units]
    assert found.dead_ids == expected
    assert f"3 of {len(found)} neurons dead" in plot_autopsy(found, only="dead").alt_text
