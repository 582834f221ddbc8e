"""What window and worker say to each other: commands go down the pipe, events come up. numpy at
most.

Every command carries a `request` number, made by the sender, that its answers repeat. A long piece
of work answers with any number of `Progress` and then exactly one of: its own result, `Failed`, or
`Failed` with `cancelled` true. Settings travel as a flat dictionary of dotted keys,
`{"algorithm.name": "maml", "task.n_way": 5}`: what is absent has its default. Images are uint8, ink
or light high.
"""

from __future__ import annotations

from workbench.protocol.base import (
    Cancel,
    Command,
    Device,
    EngineReady,
    EngineStarting,
    Event,
    Failed,
    Floats,
    Images,
    Ints,
    Progress,
    Shutdown,
    Split,
)
from workbench.protocol.data import (
    DataClass,
    DataReady,
    PrepareData,
    PreviewTask,
    TaskPreviewed,
)
from workbench.protocol.drawing import (
    Adapt,
    Adapted,
    LaidOut,
    LayOut,
)
from workbench.protocol.runs import (
    ControlRun,
    CostEstimated,
    EstimateCost,
    Evaluate,
    Evaluated,
    ResumeRun,
    RunEnded,
    RunProgress,
    RunStarted,
    RunValidated,
    Score,
    StartRun,
    Validate,
    Validated,
)

VERSION = 1

__all__ = [
    "VERSION",
    "Adapt",
    "Adapted",
    "Cancel",
    "Command",
    "ControlRun",
    "CostEstimated",
    "DataClass",
    "DataReady",
    "Device",
    "EngineReady",
    "EngineStarting",
    "EstimateCost",
    "Evaluate",
    "Evaluated",
    "Event",
    "Failed",
    "Floats",
    "Images",
    "Ints",
    "LaidOut",
    "LayOut",
    "PrepareData",
    "PreviewTask",
    "Progress",
    "ResumeRun",
    "RunEnded",
    "RunProgress",
    "RunStarted",
    "RunValidated",
    "Score",
    "Shutdown",
    "Split",
    "StartRun",
    "TaskPreviewed",
    "Validate",
    "Validated",
]
