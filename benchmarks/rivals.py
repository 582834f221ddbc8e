"""Training loops and samplers of other libraries, each written as its own examples write it.

Imported by a peer's interpreter, which knows nothing of this project: only the standard library at
the top, and each library where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

Iterate = Callable[[], Any]  # one meta-iteration, or one draw of tasks
OneTask = Callable[[Any, Any, Any, Any], None]  # adds one task's gradient to the model's

INNER_LR, INNER_STEPS, K_SHOT, QUERIES = 0.1, 5, 1, 15
SINUSOID_LR, SINUSOID_POINTS = 0.01, 10


def queries(ways: int) -> int:
    """Per class, in the events with images."""
    return 5 if ways > 20 else QUERIES


def conv4(ways: int) -> Any:
    """The network of every contestant, as peers write it."""
    from torch import nn

    blocks: list[Any] = []
    channels = 1
    for _ in range(4):
        blocks += [
            nn.Conv2d(channels, 64, 3, padding=1),
            nn.BatchNorm2d(64, track_running_stats=False),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ]
        channels = 64
    return nn.Sequential(nn.Sequential(*blocks, nn.Flatten()), nn.Linear(64, ways))


def perceptron() -> Any:
    from torch import nn

    return nn.Sequential(
        nn.Linear(1, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1)
    )


def drawn(method: str, ways: int, tasks: int) -> tuple[list[Any], Callable[..., Any]]:
    """Tasks (support_x, support_y, query_x, query_y), and their loss."""
    import torch
    from torch.nn import functional as F

    random = torch.Generator().manual_seed(0)
    if method == "sinusoid":
        shape = (SINUSOID_POINTS, 1)
        return [[torch.randn(shape, generator=random) for _ in range(4)] for _ in range(tasks)], (
            F.mse_loss
        )
    asked = queries(ways)
    found = []
    for _ in range(tasks):
        support, query = (
            (torch.rand(ways * count, 1, 28, 28, generator=random) > 0.8).float()
            for count in (K_SHOT, asked)
        )
        labels = torch.arange(ways)
        found.append(
            [support, labels.repeat_interleave(K_SHOT), query, labels.repeat_interleave(asked)]
        )
    return found, F.cross_entropy


def peer(library: str, method: str, ways: int, tasks: int, device: str) -> Iterate:
    """Iterations of a library, written as its own examples write them; samplers keep images in the
    machine's own memory."""
    import torch

    if method == "sampling":
        return SAMPLERS[library](ways, tasks)
    made, loss = drawn(method, ways, tasks)
    batch = [[part.to(device) for part in task] for task in made]
    model = (perceptron() if method == "sinusoid" else conv4(ways)).to(device)
    rate = SINUSOID_LR if method == "sinusoid" else INNER_LR
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    one_task = LIBRARIES[library][method](model, loss, rate)

    def iterate() -> None:
        optimizer.zero_grad()
        for task in batch:
            one_task(*task)
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad /= len(batch)
        optimizer.step()

    return iterate


def learn2learn_maml(first_order: bool) -> Callable[..., OneTask]:
    def make(model: Any, loss: Any, rate: float) -> OneTask:
        import learn2learn

        maml = learn2learn.algorithms.MAML(model, lr=rate, first_order=first_order)

        def one_task(support_x: Any, support_y: Any, query_x: Any, query_y: Any) -> None:
            learner = maml.clone()
            for _ in range(INNER_STEPS):
                learner.adapt(loss(learner(support_x), support_y))
            loss(learner(query_x), query_y).backward()

        return one_task

    return make


def learn2learn_anil(model: Any, loss: Any, rate: float) -> OneTask:
    import learn2learn

    body, head = model[0], learn2learn.algorithms.MAML(model[1], lr=rate)

    def one_task(support_x: Any, support_y: Any, query_x: Any, query_y: Any) -> None:
        learner = head.clone()
        features, queries = body(support_x), body(query_x)
        for _ in range(INNER_STEPS):
            learner.adapt(loss(learner(features), support_y))
        loss(learner(queries), query_y).backward()

    return one_task


def higher_maml(first_order: bool) -> Callable[..., OneTask]:
    def make(model: Any, loss: Any, rate: float) -> OneTask:
        import higher
        import torch

        inner = torch.optim.SGD(model.parameters(), lr=rate)

        def one_task(support_x: Any, support_y: Any, query_x: Any, query_y: Any) -> None:
            with higher.innerloop_ctx(
                model, inner, copy_initial_weights=False, track_higher_grads=not first_order
            ) as (learner, steps):
                for _ in range(INNER_STEPS):
                    steps.step(loss(learner(support_x), support_y))
                value = loss(learner(query_x), query_y)
                if first_order:
                    found = torch.autograd.grad(value, list(learner.parameters()))
                    for parameter, one in zip(model.parameters(), found, strict=True):
                        parameter.grad = one if parameter.grad is None else parameter.grad + one
                else:
                    value.backward()

        return one_task

    return make


def torchopt_maml(model: Any, loss: Any, rate: float) -> OneTask:
    import torchopt

    inner = torchopt.MetaSGD(model, lr=rate)

    def one_task(support_x: Any, support_y: Any, query_x: Any, query_y: Any) -> None:
        start = torchopt.extract_state_dict(model, by="reference")
        state = torchopt.extract_state_dict(inner, by="reference")
        for _ in range(INNER_STEPS):
            inner.step(loss(model(support_x), support_y))
        loss(model(query_x), query_y).backward()
        torchopt.recover_state_dict(model, start)
        torchopt.recover_state_dict(inner, state)

    return one_task


def torch_reptile(model: Any, loss: Any, rate: float) -> OneTask:
    import torch

    def one_task(support_x: Any, support_y: Any, query_x: Any, query_y: Any) -> None:
        learner = deepcopy(model)
        inner = torch.optim.Adam(learner.parameters(), 1e-3, betas=(0.0, 0.999))
        for _ in range(INNER_STEPS):
            inner.zero_grad()
            loss(learner(support_x), support_y).backward()
            inner.step()
        with torch.no_grad():
            learner(query_x)
            for parameter, reached in zip(model.parameters(), learner.parameters(), strict=True):
                step = parameter - reached
                parameter.grad = step if parameter.grad is None else parameter.grad + step

    return one_task


def torch_protonet(model: Any, loss: Any, rate: float) -> OneTask:
    import torch

    body = model[0]

    def one_task(support_x: Any, support_y: Any, query_x: Any, query_y: Any) -> None:
        both = body(torch.cat([support_x, query_x]))
        means = both[: len(support_x)].view(-1, K_SHOT, both.shape[1]).mean(1)
        loss(-(torch.cdist(both[len(support_x) :], means) ** 2), query_y).backward()

    return one_task


def learn2learn_sampler(ways: int, tasks: int) -> Iterate:
    import learn2learn as l2l
    import torch

    images = (torch.rand(964 * 20, 1, 28, 28) > 0.8).float()
    labels = torch.arange(964).repeat_interleave(20)
    data = l2l.data.MetaDataset(torch.utils.data.TensorDataset(images, labels))
    turns = [
        l2l.data.transforms.NWays(data, ways),
        l2l.data.transforms.KShots(data, K_SHOT + QUERIES),
        l2l.data.transforms.LoadData(data),
        l2l.data.transforms.RemapLabels(data),
    ]
    found = l2l.data.TaskDataset(data, task_transforms=turns, num_tasks=-1)
    return lambda: [found.sample() for _ in range(tasks)]


def pil_sampler(ways: int, tasks: int) -> Iterate:
    """A PNG for each image, opened, resized and turned when it is drawn."""
    import random
    import tempfile
    from pathlib import Path

    import numpy as np
    import torch
    from PIL import Image

    folder = Path(tempfile.mkdtemp())
    for number in range(400):
        pixels = (np.random.default_rng(number).random((105, 105)) > 0.05).astype(np.uint8) * 255
        Image.fromarray(pixels).save(folder / f"{number}.png")

    def one(number: int) -> Any:
        with Image.open(folder / f"{number}.png") as image:
            small = image.convert("L").resize((28, 28)).rotate(90)
        return torch.from_numpy(np.asarray(small, dtype=np.float32) / 255)

    count = ways * (K_SHOT + QUERIES)
    return lambda: [
        torch.stack([one(random.randrange(400)) for _ in range(count)]) for _ in range(tasks)
    ]


SAMPLERS = {"learn2learn": learn2learn_sampler, "PIL": pil_sampler}
LIBRARIES: dict[str, dict[str, Callable[..., OneTask]]] = {
    "learn2learn": {
        "maml": learn2learn_maml(False),
        "fomaml": learn2learn_maml(True),
        "anil": learn2learn_anil,
        "sinusoid": learn2learn_maml(False),
    },
    "higher": {
        "maml": higher_maml(False),
        "fomaml": higher_maml(True),
        "sinusoid": higher_maml(False),
    },
    "torchopt": {"maml": torchopt_maml, "sinusoid": torchopt_maml},
    "plain torch": {"reptile": torch_reptile, "protonet": torch_protonet},
}
