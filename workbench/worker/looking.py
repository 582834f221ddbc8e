"""Answers questions about data. All of it works before torch is loaded."""

from __future__ import annotations

from pathlib import Path

from workbench.inquiries import (
    AuditData,
    DataAudited,
    DataLocated,
    DataSurveyed,
    ImagesMapped,
    Inquiry,
    LocateData,
    MapImages,
    OpenTasks,
    SaveTasks,
    SurveyData,
    TasksSaved,
)
from workbench.protocol import Event
from workbench.schema.catalogue import Catalogue
from workbench.services.audits import audit_images
from workbench.services.data import located, selected_of, survey_of
from workbench.services.draws import draw_list
from workbench.services.maps import METHODS, features, some_images
from workbench.sources import ImageData
from workbench.tasklist import save_tasks
from workbench.worker.data import DataShelf
from workbench.worker.jobs import Job
from workbench.worker.listed import Lists


def inquire(command: Inquiry, shelf: DataShelf, lists: Lists, job: Job) -> Event:
    """Look, and say what there is."""
    match command:
        case SaveTasks():
            return _save_tasks(command, shelf, job)
        case OpenTasks():
            return lists.open(command)
        case AuditData():
            return _audit(command, shelf, job)
        case LocateData():
            return DataLocated(command.request, located(command.sets, shelf.cache))
        case SurveyData():
            return DataSurveyed(command.request, survey_of(command.values, job.progress))
        case MapImages():
            return _map(command, shelf, job)
    raise AssertionError(f"no question about data: {type(command).__name__}")


def _save_tasks(command: SaveTasks, shelf: DataShelf, job: Job) -> TasksSaved:
    data = shelf.get(command.values, job.progress)
    tasks = draw_list(command.values, data, command.split, command.count, job.progress)
    save_tasks(tasks, Path(command.path))
    return TasksSaved(command.request, command.path, len(tasks.tasks))


def _audit(command: AuditData, shelf: DataShelf, job: Job) -> DataAudited:
    settings = Catalogue.load().complete(command.values)
    data = selected_of(settings, shelf.get(command.values, job.progress))
    if not isinstance(data, ImageData):
        return DataAudited(command.request, ())
    found = audit_images(command.values, data, job.progress)
    return DataAudited(command.request, tuple(found))


def _map(command: MapImages, shelf: DataShelf, job: Job) -> ImagesMapped:
    data = shelf.get(command.values, job.progress)
    assert isinstance(data, ImageData)  # functions have no pictures to ask about
    images = some_images(data.bank, command.classes)
    places = METHODS[command.method](features(data.bank, images), job.progress)
    return ImagesMapped(command.request, images, places)
