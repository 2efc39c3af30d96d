"""Recording PyTorch models: what a step is, which layers, which axis, and what is refused."""

from __future__ import annotations

import contextlib
import copy
import gc
import io
import pickle
import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dead_neuron_autopsy import Constant, Dormant, FiringRate, Recording, diagnose, plot_autopsy

torch = pytest.importorskip("torch", reason="needs PyTorch")

from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402
from torch.utils.checkpoint import checkpoint  # noqa: E402

from dead_neuron_autopsy.torch import record  # noqa: E402


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def mlp(act: Callable[[], nn.Module] = nn.ReLU) -> Any:
    return nn.Sequential(nn.Linear(4, 8), act(), nn.Linear(8, 6), act(), nn.Linear(6, 2))


class Net(nn.Module):
    """A module shared by two layers, and a function."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.act = nn.Linear(4, 8), nn.ReLU()
        self.second, self.third = nn.Linear(8, 6), nn.Linear(6, 5)

    def forward(self, inputs: Any) -> Any:
        inputs = self.act(self.first(inputs))
        inputs = self.act(self.second(inputs))
        return functional.relu(self.third(inputs))


def names(recording: Recording) -> list[str]:
    return [layer.name for layer in recording.layers]


def axes(recording: Recording) -> dict[str, int | None]:
    return {layer.name: layer.unit_axis for layer in recording.layers}


def histories(recording: Recording) -> Any:
    return np.array(diagnose(recording, 1e-6).histories)


def trained(model: Any, batches: Any, rate: float = 0.1) -> list[Any]:
    """Return losses and weights of a training."""
    optimizer = torch.optim.SGD(model.parameters(), rate)
    losses = []
    for batch in batches:
        optimizer.zero_grad()
        loss = model(batch).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return [*losses, *(one.detach().clone() for one in model.parameters())]


# What is found


def test_every_unit_has_its_extremes_and_sums_at_each_step() -> None:
    model, batches = mlp(nn.Tanh), torch.randn(5, 16, 4)
    kept: dict[str, list[Any]] = {"1": [], "3": []}
    hooks = [
        model[place].register_forward_hook(
            lambda _, __, out, at=str(place): kept[at].append(out.detach().numpy().copy())
        )
        for place in (1, 3)
    ]
    with record(model, statistics=("peak", "firing rate", "mean")) as recording:
        for batch in batches:
            model(batch)
    assert len(hooks) == 2
    assert repr(recording) == "<Recording: 5 steps of 2 layers, 14 units>"
    everything = np.concatenate([np.concatenate(kept[name], axis=0) for name in "13"], axis=1)
    found = diagnose(recording, 1e-6)
    assert_array_equal(found.peaks, np.abs(everything).max(axis=0))
    assert found.ids.tolist() == [*(f"1·{n}" for n in range(8)), *(f"3·{n}" for n in range(6))]
    span = everything.max(axis=0) - everything.min(axis=0)
    constant = diagnose(recording, criterion=Constant())
    assert_allclose(constant.scores, span.astype(np.float64), rtol=1e-6)
    rates = diagnose(recording, criterion=FiringRate())
    assert_allclose(rates.scores, (everything > 0).mean(axis=0))
    late = diagnose(recording, criterion=FiringRate(), window=2)
    assert_allclose(late.scores, (everything[-32:] > 0).mean(axis=0))
    means = np.abs(everything).mean(axis=0)
    layers = np.r_[np.full(8, means[:8].mean()), np.full(6, means[8:].mean())]
    dormant = diagnose(recording, criterion=Dormant())
    assert_allclose(dormant.scores, means / (layers + 1e-9), rtol=1e-5)


def test_planted_deaths_are_found_all_of_them_and_no_others() -> None:
    model = Net()
    with torch.no_grad():
        model.first.bias[[1, 5]] = -100
        model.second.bias[2] = -100
        model.third.bias[[0, 4]] = -100
        for layer in (model.first, model.second, model.third):
            alive = layer.bias > -100
            layer.bias[alive] = 1.0
    with record(model) as recording:
        trained(model, torch.randn(6, 32, 4), rate=1e-4)
    assert names(recording) == ["act", "act#2", "relu"]
    assert diagnose(recording).dead_ids == ["act·1", "act·5", "act#2·2", "relu·0", "relu·4"]
    figure = plot_autopsy(recording, window=3, group_by="layer")
    assert figure.alt_text.startswith("Dead neuron autopsy. 5 of 19 neurons dead")
    assert "act#2" in figure.autopsy_grid.description


def test_the_time_of_death_is_that_of_the_step() -> None:
    model = mlp()
    with record(model, every=2) as recording, torch.no_grad():
        for step in range(40):
            if step == 21:
                model[0].bias[3] = -100
            model(torch.randn(64, 4))
    assert recording.steps.tolist() == list(range(0, 40, 2))
    found = diagnose(recording, window=5)
    assert "1·3" in found.dead_ids
    assert found["1·3"].state == "dead"
    assert found.died_at_step[3] == 22


@pytest.mark.parametrize("bias", [None, -100.0])
def test_outputs_and_gradients_are_those_without_a_recorder(bias: float | None) -> None:
    batches = torch.randn(4, 16, 4)
    plain, model = Net(), Net()
    model.load_state_dict(plain.state_dict())
    if bias is not None:
        for one in (plain, model):
            nn.init.constant_(one.second.bias, bias)
    with record(model, statistics=("peak", "firing rate", "mean")):
        found = trained(model, batches)
    for one, other in zip(trained(plain, batches), found, strict=True):
        assert torch.equal(one, other)


# Steps and modes


def test_a_validation_is_not_mixed_into_a_training() -> None:
    model = mlp()
    with record(model) as recording:
        model(torch.zeros(2, 4))
        model.eval()
        model(torch.full((2, 4), 1e6))
        model.train()
        model(torch.zeros(2, 4))
    assert recording.steps.tolist() == [0, 1]
    assert histories(recording).max() < 1e3
    model.eval()
    with record(model) as probe:  # in the mode that it is in
        model(torch.ones(2, 4))
    assert len(probe.steps) == 1
    with record(model, mode="any") as both:
        model(torch.ones(2, 4))
        model.train()(torch.ones(2, 4))
    assert len(both.steps) == 2


def test_an_optimizers_step_joins_micro_batches() -> None:
    model, batches = mlp(), torch.randn(6, 8, 4)
    optimizer = torch.optim.SGD(model.parameters(), 0.0)
    other = torch.optim.SGD([nn.Parameter(torch.zeros(1))], 0.0)
    with record(model, step="optimizer", statistics=("peak", "mean")) as recording:
        for place, batch in enumerate(batches):
            model(batch).sum().backward()
            other.step()  # of other parameters
            if place % 3 == 2:
                optimizer.step()
    with record(model, statistics=("peak", "mean")) as whole:
        for joined in batches.reshape(2, 24, 4):
            model(joined)
    assert recording.steps.tolist() == [0, 1]
    assert_array_equal(histories(recording), histories(whole))
    scores = [diagnose(one, criterion=Dormant()).scores for one in (recording, whole)]
    assert_allclose(scores[0], scores[1], rtol=1e-6)


def test_steps_can_be_counted_by_hand() -> None:
    model = mlp()
    with record(model, step="manual") as recording:
        for _ in range(2):
            model(torch.randn(2, 4))
            model(torch.randn(2, 4))
            recording.step()
        recording.step()
    assert recording.steps.tolist() == [0, 1]
    with record(model) as recording, pytest.raises(ValueError, match="step='manual'"):
        recording.step()


def test_the_latest_steps_are_kept_also_while_one_is_under_way() -> None:
    class Reading(nn.Module):
        def forward(self, inputs: Any) -> Any:
            if under_way and len(under_way[0].steps) == 3:
                read.append(histories(under_way[0]))
            return inputs

    under_way, read = list[Recording](), list[Any]()
    model = mlp().append(Reading())
    with record(model, last=3) as recording:
        under_way.append(recording)
        for scale in range(6):
            model(torch.full((1, 4), float(scale)))
    whole = histories(recording)
    assert recording.steps.tolist() == [3, 4, 5]
    assert_array_equal(read[-1][:, 1:], whole[:, :2])


def test_a_second_forward_of_checkpointing_does_not_count() -> None:
    class Checkpointed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Net()

        def forward(self, inputs: Any) -> Any:
            return checkpoint(self.inner, inputs, use_reentrant=False)

    model = Checkpointed()
    with record(model) as recording:
        trained(model, torch.randn(3, 8, 4))
    assert [layer.calls for layer in recording.layers] == [3, 3, 3]
    assert names(recording) == ["inner.act", "inner.act#2", "inner.relu"]


def test_padding_is_left_out_by_a_mask() -> None:
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.linear, self.act = nn.Embedding(9, 6), nn.Linear(6, 5), nn.ReLU()
            self.pooler = nn.Linear(5, 3)

        def forward(self, ids: Any, attention_mask: Any) -> Any:
            del attention_mask
            return functional.relu(self.pooler(self.act(self.linear(self.embedding(ids)))[:, 0]))

    model = Tokens()
    ids = torch.randint(1, 9, (4, 7))
    mask = torch.arange(7) < torch.tensor([[7], [3], [5], [1]])
    with record(
        model, where=lambda _, attention_mask: attention_mask, statistics=("peak", "mean")
    ) as recording:
        model(ids, attention_mask=mask)
    expected = model.act(model.linear(model.embedding(ids))).detach()[mask].numpy()
    assert_array_equal(diagnose(recording).peaks[:5], expected.max(axis=0))
    scores = diagnose(recording, criterion=Dormant()).scores[:5]
    means = expected.mean(axis=0)
    assert_allclose(scores, means / (means.mean() + 1e-9), rtol=1e-5)
    with (
        pytest.raises(TypeError, match="where: must return a tensor of bools; got dtype"),
        record(model, where=lambda *_, **__: torch.ones(4, 7)),
    ):
        model(ids, attention_mask=mask)
    with (
        pytest.raises(ValueError, match=r"layer 'act': where: must have the shape \(4, 7\)"),
        record(model, where=lambda *_, **__: torch.ones(2, 7, dtype=torch.bool)),
    ):
        model(ids, attention_mask=mask)


# Which layers


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("act", ["act", "act#2"]),
        (["relu"], ["relu"]),
        (["*"], ["act", "act#2", "relu"]),
        (["third", "relu"], ["third", "relu"]),
        ("sec*", ["second"]),
    ],
)
def test_layers_are_chosen_by_name_or_pattern(layers: Any, expected: list[str]) -> None:
    model = Net()
    with record(model, layers) as recording:
        for _ in range(2):
            model(torch.randn(3, 4))
    assert names(recording) == expected
    assert [layer.calls for layer in recording.layers] == [2] * len(expected)


def test_layers_are_chosen_as_modules() -> None:
    model = Net()
    with record(model, [model.second, model.act]) as recording:
        model(torch.randn(3, 4))
    assert names(recording) == ["act", "second", "act#2"]
    assert axes(recording) == {"act": -1, "second": -1, "act#2": -1}


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            "fc9",
            "layers: 'fc9' is not a layer of this model; activation functions are at 'act', 'relu'",
        ),
        (nn.ReLU(), "is not a layer of this model"),
        ("unused", "layers: 'unused' was not called in the first forward pass"),
    ],
)
def test_a_layer_that_is_missing_is_named(layers: Any, message: str) -> None:
    model = Net()
    model.unused = nn.ReLU()
    with pytest.raises(ValueError, match=message), record(model, layers):
        model(torch.randn(3, 4))


def test_the_units_axis_is_followed_not_guessed() -> None:
    class Tangled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.norm = nn.Conv1d(3, 8, 3), nn.BatchNorm1d(8)
            self.pool, self.linear = nn.MaxPool1d(2), nn.Linear(8, 8)
            self.dropout = nn.Dropout(0.5)

        def forward(self, inputs: Any) -> Any:
            inputs = functional.gelu(self.norm(self.conv(inputs)))  # samples, units, time
            inputs = self.dropout(self.pool(inputs)).transpose(1, 2)
            inputs = functional.relu(inputs * 2 + 1)  # samples, time, units
            inputs = self.linear(inputs).permute(2, 0, 1)
            inputs = functional.relu6(inputs).reshape(8, 2, 2, -1)  # units first
            inputs = functional.silu(inputs)
            inputs = torch.tanh(inputs.flatten(1).unsqueeze(1))
            inputs = functional.softplus(inputs[:, 0, ..., 1:])
            return functional.elu(inputs.mean(dim=-1))

    model = Tangled()
    with record(model) as recording:
        model(torch.randn(4, 3, 18))
    assert axes(recording) == {"gelu": -2, "relu": -1, "relu6": -3, "silu": -4, "tanh": -3} | {
        "softplus": -2,
        "elu": -1,
    }
    assert {layer.n_units for layer in recording.layers} == {8}


@pytest.mark.parametrize(
    "lose",
    [
        lambda one: one.T,
        lambda one: one.mT,
        lambda one: one.t_(),
        lambda one: one.unsqueeze_(-1).squeeze(-1),
        lambda one: torch.einsum("ij->ji", one),
        lambda one: one.movedim(0, 1),
        lambda one: one.flip(1),
        lambda one: one @ one,
    ],
)
def test_what_loses_the_axis_is_not_believed(lose: Callable[[Any], Any]) -> None:
    """In a square, an axis that has moved looks like one that has not."""

    class Square(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 6)

        def forward(self, inputs: Any) -> Any:
            return functional.relu(lose(self.linear(inputs)))

    model = Square()
    with torch.no_grad(), pytest.raises(ValueError, match=r"unit_axis: which axis"), record(model):
        model(torch.randn(6, 4))


@pytest.mark.parametrize(
    ("axis", "n_units"), [({"relu": 1}, 5), ({"relu": -1}, 7), (1, 5), (-3, 3)]
)
def test_an_axis_that_is_not_known_is_asked_for(axis: Any, n_units: int) -> None:
    class Odd(nn.Module):
        def forward(self, inputs: Any) -> Any:
            return functional.relu(inputs.roll(1))

    model = Odd()
    with (
        pytest.raises(ValueError, match=r"'odd' \(3, 5, 7\)\. Pass unit_axis=\{'odd': 1\}"),
        record(model),
    ):
        model(torch.randn(3, 5, 7))
    if isinstance(axis, dict):
        axis = {"odd": axis["relu"]}
    with record(model, unit_axis=axis) as recording:
        model(torch.randn(3, 5, 7))
    assert recording.layers[0].n_units == n_units


def test_an_axis_of_no_layer_is_refused() -> None:
    model = Net()
    with (
        pytest.raises(ValueError, match="unit_axis: no recorded layer is 'fc'"),
        record(model, unit_axis={"fc": 1}),
    ):
        model(torch.randn(3, 4))
    with (
        pytest.raises(ValueError, match=r"unit_axis: 'act' has the shape \(3, 8\), and no axis 2"),
        record(model, unit_axis=2),
    ):
        model(torch.randn(3, 4))


class Experts(nn.Module):
    """Several experts that share one activation function."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.weights, self.act, self.kind = nn.Parameter(torch.randn(3, 6, 4)), nn.ReLU(), kind

    def forward(self, inputs: Any) -> Any:
        if self.kind == "bmm":
            return self.act(torch.bmm(inputs.expand(3, -1, -1), self.weights.transpose(1, 2)))
        return sum(self.act(functional.linear(inputs, self.weights[n])).sum() for n in range(3))


@pytest.mark.parametrize("kind", ["bmm", "linear"])
def test_experts_that_share_an_activation_are_refused(kind: str) -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), Experts(kind))
    with pytest.raises(ValueError, match=r"several experts share.*'2\.act'"), record(model):
        model(torch.randn(5, 4))
    with record(model, "1") as recording:
        model(torch.randn(5, 4))
    assert names(recording) == ["1"]


class Weights(nn.Module):
    """Linear layers without a Linear, and an input that is a parameter."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.weight, self.latents = (
            nn.Parameter(torch.randn(6, 6)),
            nn.Parameter(torch.randn(2, 3, 6)),
        )
        self.linear, self.kind = nn.Linear(6, 6), kind

    def forward(self, inputs: Any) -> Any:
        if self.kind == "latents":
            return functional.relu(self.linear(self.latents))
        if self.kind == "from the left":
            return functional.relu(self.weight @ inputs.T)
        weight = {
            "plain": lambda one: one,
            "property": lambda one: one.T,
            "method": lambda one: one.t(),
            "converted": lambda one: one.to(torch.float64).float().mT,
        }[self.kind](self.weight)
        return functional.relu(inputs @ weight)


@pytest.mark.parametrize(
    ("kind", "axis"),
    [
        ("plain", -1),
        ("property", -1),
        ("method", -1),
        ("converted", -1),
        ("latents", -1),
        ("from the left", -2),
    ],
)
@pytest.mark.parametrize("inference", [False, True])
def test_parameters_are_weights_however_they_are_turned(
    kind: str,
    axis: int,
    inference: bool,  # noqa: FBT001
) -> None:
    model = Weights(kind)
    with torch.inference_mode(inference), record(model) as recording:
        model(torch.randn(6, 6))
    assert axes(recording) == {"relu": axis}


# Layers that are called late


class Dropping(nn.Module):
    """Blocks of which some are left out, as in stochastic depth or a mixture of experts."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([Block(kind if place else "module") for place in range(3)])
        self.used: tuple[int, ...] = (0,)

    def forward(self, inputs: Any) -> Any:
        for place in self.used:
            inputs = inputs + self.blocks[place](inputs)
        return inputs


class Block(nn.Module):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self.linear, self.act, self.kind = nn.Linear(4, 4), nn.ReLU(), kind

    def forward(self, inputs: Any) -> Any:
        outputs = self.linear(inputs)
        if self.kind == "function":
            return functional.relu(outputs)
        return self.act(outputs.roll(1) if self.kind == "unclear" else outputs)


@pytest.mark.parametrize("kind", ["module", "function"])
def test_a_layer_that_is_first_called_later_is_recorded_from_then_on(kind: str) -> None:
    model: Any = Dropping(kind)
    with torch.no_grad():
        for block in model.blocks:
            block.linear.bias.fill_(9.0)
        model.blocks[2].linear.bias[1] = -1000.0
    with record(model) as recording, torch.no_grad():
        for used in ((0,), (0, 1), (0, 1), (0, 1, 2), (0, 2), (1,), (0, 1, 2)):
            model.used = used
            model(torch.randn(8, 4))
    late = "act" if kind == "module" else "relu"
    assert names(recording) == ["blocks.0.act", f"blocks.1.{late}", f"blocks.2.{late}"]
    found = diagnose(recording)
    assert found.dead_ids == [f"blocks.2.{late}·1"]
    # The pass after a block's first one sees it; then all do.
    assert found.sample_counts.tolist() == [6] * 4 + [4] * 4 + [2] * 4


def test_a_late_layer_that_is_not_clear_is_left_out_and_said() -> None:
    model: Any = Dropping("unclear")
    with record(model) as recording:
        model(torch.randn(8, 4))
        model.used = (0, 1)
        model(torch.randn(8, 4))
        with pytest.warns(UserWarning, match=r"Not recorded.*'blocks\.1\.act' \(8, 4\)"):
            model(torch.randn(8, 4))
        model(torch.randn(8, 4))
    assert names(recording) == ["blocks.0.act"]
    assert diagnose(recording).sample_counts.tolist() == [4] * 4


# Kinds of modules


def test_recurrent_layers_give_their_outputs() -> None:
    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(3, 5, bidirectional=True, batch_first=True)
            self.gru, self.rnn = nn.GRU(10, 4), nn.RNN(4, 6, nonlinearity="relu")
            self.cell = nn.GRUCell(6, 7)

        def forward(self, inputs: Any) -> Any:
            outputs, _ = self.lstm(inputs)
            if isinstance(outputs, nn.utils.rnn.PackedSequence):
                outputs, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
            outputs, _ = self.rnn(self.gru(outputs)[0])
            cell: Any = self.cell
            return cell(functional.relu(outputs[:, 0]))

    model: Any = Recurrent()
    with torch.no_grad():  # an output gate that never opens
        model.lstm.bias_ih_l0[3 * 5 + 2] = -200
    packed = nn.utils.rnn.pack_padded_sequence(
        torch.randn(2, 6, 3), torch.tensor([6, 4]), batch_first=True
    )
    for inputs in (torch.randn(2, 6, 3), packed):
        with record(model) as recording:
            model(inputs)
        assert {layer.name: (layer.function, layer.n_units) for layer in recording.layers} == {
            "lstm": ("tanh", 10),
            "gru": ("tanh", 4),
            "rnn": ("relu", 6),
            "relu": ("relu", 6),
            "cell": ("tanh", 7),
        }
        found = diagnose(recording)
        assert found.criterion == Constant(1e-3)
        assert "lstm·2" in found.dead_ids


def test_the_planted_deaths_of_an_lstm_are_found_all_of_them_and_no_others() -> None:
    model: Any = nn.LSTM(3, 8)
    with torch.no_grad():
        for unit in (1, 6):  # output gates that never open
            model.bias_ih_l0[3 * 8 + unit] = -200
    with record(model) as recording:
        for _ in range(3):
            model(torch.randn(20, 4, 3))
    assert diagnose(recording).dead_ids == ["lstm·1", "lstm·6"]


@pytest.mark.parametrize("form", ["tuple", "list", "dict", "nested"])
def test_the_first_tensor_that_a_module_returns_is_taken(form: str) -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 3)

        def forward(self, inputs: Any) -> Any:
            outputs = self.linear(inputs).relu()
            forms = {"tuple": (outputs, 1), "list": [None, outputs], "dict": {"last": outputs}}
            return forms.get(form, ((None,), (outputs,)))

    model, batch = nn.Sequential(Block()), torch.randn(5, 4)
    with torch.no_grad(), record(model, "0") as recording:
        model(batch)
        block: Any = model[0]
        expected = block.linear(batch).relu()
    assert axes(recording) == {"0": -1}
    assert_array_equal(diagnose(recording).peaks, expected.numpy().max(axis=0))


@pytest.mark.parametrize("mask", [None, "padding"])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_transformer_is_seen_on_its_fast_path(mask: str | None, layers: int) -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    model = nn.TransformerEncoder(layer, layers, enable_nested_tensor=mask is not None).eval()
    with torch.no_grad():
        model.layers[0].linear1.bias[[2, 7]] = -100
        alive = torch.ones(16, dtype=torch.bool)
        alive[[2, 7]] = False
        model.layers[0].linear1.bias[alive] = 1.0
    padding = None if mask is None else torch.arange(5) >= torch.tensor([[5], [3]])
    with torch.no_grad(), record(model) as recording:
        for _ in range(2):
            model(torch.randn(2, 5, 8), src_key_padding_mask=padding)
    assert names(recording) == [f"layers.{n}.relu" for n in range(layers)]
    found = diagnose(recording)
    assert [one for one in found.dead_ids if one.startswith("layers.0")] == [
        "layers.0.relu·2",
        "layers.0.relu·7",
    ]


def test_activations_made_of_others_are_one_layer() -> None:
    class NewGELU(nn.Module):
        def forward(self, inputs: Any) -> Any:
            return 0.5 * inputs * (1 + torch.tanh(0.8 * (inputs + 0.04 * inputs**3)))

    class SquaredReLU(nn.Module):
        def forward(self, inputs: Any) -> Any:
            return functional.relu(inputs).square()

    class Pooled(nn.Module):  # not an activation: it changes the shape
        def forward(self, inputs: Any) -> Any:
            return functional.relu(inputs).mean(0, keepdim=True)

    linear = nn.Linear(4, 4)
    model = nn.Sequential(linear, NewGELU(), linear, SquaredReLU(), linear, Pooled(), nn.PReLU())
    with record(model) as recording:
        model(torch.randn(6, 4))
    found = {layer.name: layer.function for layer in recording.layers}
    assert found == {"1": "gelu", "3": "relu", "5.relu": "relu", "6": "prelu"}


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("kind", ["module", "function", "method"])
def test_functions_in_place_are_read_at_once(inplace: bool, kind: str) -> None:  # noqa: FBT001
    class InPlace(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear, self.module = nn.Linear(4, 6), nn.ReLU(inplace=inplace)

        def forward(self, inputs: Any) -> Any:
            inputs = self.linear(inputs)
            if kind == "module":
                outputs = self.module(inputs)
            elif kind == "function":
                outputs = functional.relu(inputs, inplace=inplace)
            else:
                outputs = inputs.relu_() if inplace else inputs.relu()
            return outputs.mul_(0) if inplace else outputs

    model, batch = InPlace(), torch.randn(7, 4)
    with torch.no_grad(), record(model) as recording:
        model(batch)
    expected = functional.linear(batch, model.linear.weight, model.linear.bias).relu()
    assert_array_equal(diagnose(recording).peaks, expected.detach().numpy().max(axis=0))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_every_floating_dtype_is_kept_exactly(dtype: str) -> None:
    model = mlp().to(getattr(torch, dtype))
    batch = torch.randn(8, 4, dtype=getattr(torch, dtype)) * 1e-3
    with torch.no_grad(), record(model) as recording:
        model(batch)
        expected = model[:2](batch).max(dim=0).values.double().numpy()
    assert_array_equal(diagnose(recording, 1e-9).peaks[:8], expected)


def test_it_works_under_autocast_and_in_inference_mode() -> None:
    model = mlp()
    with record(model) as recording:
        with torch.inference_mode():
            model(torch.randn(3, 4))
        with torch.autocast("cpu", torch.bfloat16):
            trained(model, torch.randn(2, 3, 4))
        with torch.inference_mode():
            model(torch.randn(3, 4))
    assert len(recording.steps) == 4
    assert not np.isnan(histories(recording)).any()


# Copies, several recorders, failures


def test_copies_of_a_model_do_not_record() -> None:
    model = Net()
    with record(model) as recording:
        model(torch.zeros(1, 4))
        copied = copy.deepcopy(model)
        average = torch.optim.swa_utils.AveragedModel(model)
        unpickled = pickle.loads(pickle.dumps(model))  # noqa: S301  made here
        file = io.BytesIO()
        torch.save(model, file)
        for other in (copied, average, unpickled):
            other(torch.full((1, 4), 1e6))
    assert len(recording.steps) == 1
    assert histories(recording).max() < 1e3
    assert not copied.act._forward_hooks or len(copied.state_dict()) == len(model.state_dict())


def test_nothing_stays_on_the_model() -> None:
    def hooks(model: Any) -> int:
        return sum(len(one._forward_hooks) + len(one._forward_pre_hooks) for one in model.modules())

    model = Net()
    with record(model) as recording:
        model(torch.randn(2, 4))
        assert hooks(model)
    assert not hooks(model)
    before = histories(recording)
    model(torch.full((2, 4), 1e6))
    recording.observe("late", np.ones((2, 3)), unit_axis=1)
    assert_array_equal(histories(recording), before)
    with contextlib.suppress(ZeroDivisionError), record(model) as broken:
        model(torch.randn(2, 4))
        _ = 1 / 0
    assert not hooks(model)
    assert len(broken.steps) == 1


def test_a_dropped_recorder_goes() -> None:
    model = Net()
    context = record(model)
    recording = context.__enter__()
    model(torch.randn(2, 4))
    gone = weakref.ref(recording)
    del context, recording
    gc.collect()
    assert gone() is None
    assert not model.act._forward_hooks


def test_two_recorders_see_the_same() -> None:
    model = Net()
    with record(model) as outer, record(model, "act") as inner:
        for _ in range(3):
            model(torch.randn(2, 4))
    with record(model) as later:
        model(torch.randn(2, 4))
    assert names(outer) == names(later) == ["act", "act#2", "relu"]
    assert names(inner) == ["act", "act#2"]
    assert_array_equal(histories(outer)[:14], histories(inner))


def test_a_failed_forward_pass_leaves_no_step() -> None:
    class Failing(Net):
        fails = False

        def forward(self, inputs: Any) -> Any:
            outputs = super().forward(inputs)
            if self.fails:
                raise RuntimeError("no memory left")
            return outputs

    model = Failing()
    with record(model) as recording:
        for scale in (1.0, 1e6, 1.0):
            model.fails = scale > 1
            with contextlib.suppress(RuntimeError):
                model(torch.full((2, 4), scale))
    assert recording.steps.tolist() == [0, 1]
    assert histories(recording).max() < 1e3
    model.fails = True  # also if the first one fails
    with record(model) as recording:
        with pytest.raises(RuntimeError, match="no memory left"):
            model(torch.randn(2, 4))
        model.fails = False
        model(torch.randn(2, 4))
    assert len(recording.steps) == 1


def test_what_has_no_hook_can_be_observed() -> None:
    model = mlp()
    with record(model, every=2) as recording:
        for step in range(4):
            output = model(torch.full((3, 4), 0.1))
            recording.observe("softmax", output.softmax(-1) + step, unit_axis=-1)
    assert names(recording) == ["1", "3", "softmax"]
    found = np.array(diagnose(recording).histories)[-2:]
    assert (found[:, 0] < 1.0).all()
    assert (found[:, 1] > 2.0).all()
    with record(model) as recording:
        model(torch.ones(1, 4))
        with pytest.raises(ValueError, match="name: '1' is taken"):
            recording.observe("1", torch.zeros(2, 8), unit_axis=1)


# Compiled and wrapped models


def test_a_compiled_model_is_recorded_uncompiled_and_says_so() -> None:
    model = mlp()
    compiled = torch.compile(model, backend="eager")
    compiled(torch.randn(3, 4))
    uncompiled = pytest.warns(UserWarning, match="runs uncompiled while it is recorded")
    with uncompiled, record(compiled) as recording:
        compiled(torch.randn(3, 4))
    assert names(recording) == ["1", "3"]
    assert len(recording.steps) == 1
    inner = nn.Sequential(torch.compile(mlp(), backend="eager"), nn.ReLU())
    with pytest.warns(UserWarning, match="uncompiled"), record(inner) as recording:
        inner(torch.randn(3, 4))
    assert names(recording) == ["0.1", "0.3", "1"]


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_traced_call_does_not_count() -> None:
    model, batch = mlp(), torch.randn(3, 4)
    with record(model) as recording:
        model(batch)
        torch.jit.trace(model, batch, check_trace=False)
    assert len(recording.steps) == 1


def test_a_compiled_function_that_calls_the_model_gives_nothing_and_says_so() -> None:
    model = mlp()
    compiled = torch.compile(lambda batch: model(batch).sum(), backend="eager")
    with record(model) as recording:
        compiled(torch.randn(3, 4))
        compiled(torch.randn(3, 4))
    with pytest.raises(ValueError, match="a compiled function that calls it must be called uncomp"):
        diagnose(recording)
    with record(model) as recording:
        model(torch.randn(3, 4))
    assert len(recording.steps) == 1


def test_processes_are_joined_after_the_block() -> None:
    model = mlp()
    with record(model) as recording:
        model(torch.randn(3, 4))
        with pytest.raises(ValueError, match="all_reduce: the model is still recorded"):
            recording.all_reduce()


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_what_hooks_do_not_see_is_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scripted = nn.Sequential(torch.jit.script(mlp()))
    with pytest.raises(TypeError, match="'0' is scripted"), record(scripted):
        pass
    with pytest.raises(TypeError, match="DataParallel, which runs copies"):
        record(nn.DataParallel(mlp())).__enter__()
    model = nn.Sequential(nn.Linear(4, 3, dtype=torch.complex64), nn.Tanh())
    with pytest.raises(TypeError, match="layer '1': complex activations"), record(model):
        model(torch.randn(2, 4, dtype=torch.complex64))
    model = mlp()
    with pytest.raises(TypeError, match=r"torch.func \(vmap or grad\)"), record(model):
        torch.vmap(model)(torch.randn(3, 2, 4))


def test_another_number_of_units_is_refused() -> None:
    class Changing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.small, self.large, self.act = nn.Linear(4, 3), nn.Linear(4, 5), nn.ReLU()
            self.is_large = False

        def forward(self, inputs: Any) -> Any:
            return self.act((self.large if self.is_large else self.small)(inputs))

    model = Changing()
    with record(model):
        model(torch.randn(2, 4))
        model.is_large = True
        with pytest.raises(ValueError, match="layer 'act': had 3 units before and has 5"):
            model(torch.randn(2, 4))


@pytest.mark.parametrize(
    ("options", "use", "message"),
    [
        ({}, lambda _: None, "Sequential was never called inside the block"),
        ({"mode": "train"}, lambda model: model.eval()(torch.ones(1, 4)), "only called in eval"),
        ({"mode": "eval"}, lambda model: model(torch.ones(1, 4)), "only called in training mode"),
        ({"step": "manual"}, lambda model: model(torch.ones(1, 4)), r"recording.step\(\)"),
        ({"step": "optimizer"}, lambda model: model(torch.ones(1, 4)), "no optimizer"),
    ],
)
def test_an_empty_recording_says_why(options: Any, use: Any, message: str) -> None:
    model = mlp()
    with record(model, **options) as recording:
        use(model)
    with pytest.raises(ValueError, match=message):
        diagnose(recording)


def test_a_model_without_activations_is_told_so() -> None:
    model = nn.Linear(2, 3)
    with record(model), pytest.raises(ValueError, match="no activation function was called"):
        model(torch.ones(1, 2))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"last": 0}, ValueError, "last: must be at least 1"),
        ({"every": 1.5}, TypeError, "every: must be an integer"),
        ({"statistics": ("variance",)}, ValueError, "statistics: must be 'peak', 'firing rate' or"),
        ({"statistics": None}, TypeError, "statistics: must be a tuple"),
        ({"step": "epoch"}, ValueError, "step: must be 'forward', 'optimizer' or 'manual'"),
        ({"mode": "test"}, ValueError, "mode: must be 'train', 'eval' or 'any'"),
        ({"unit_axis": "last"}, TypeError, "unit_axis: must be an integer, or a mapping"),
        ({"unit_axis": {"a": 1.0}}, TypeError, "unit_axis: must be an integer, or a mapping"),
        ({"layers": 3}, TypeError, "layers: must be names, patterns or modules"),
        ({"layers": []}, TypeError, "layers: must be names, patterns or modules"),
        ({"where": torch.ones(3)}, TypeError, "where: must be a function"),
    ],
)
def test_arguments_are_checked(options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        record(mlp(), **options).__enter__()


def test_only_models_are_taken() -> None:
    with pytest.raises(TypeError, match=r"model: must be a torch.nn.Module; got dict"):
        record({}).__enter__()  # type: ignore[arg-type]
