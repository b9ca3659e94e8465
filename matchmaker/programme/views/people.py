"""Rooms and speakers of an event, for who plans its programme; a speaker's picture for everybody."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from matchmaker.core.db import db, transaction
from matchmaker.core.web import answer, errors_on, one_or_404, public, signed_in
from matchmaker.events.models import Event
from matchmaker.files import services as files
from matchmaker.files.models import StoredFile
from matchmaker.programme import queries
from matchmaker.programme.forms import RoomForm, SpeakerForm
from matchmaker.programme.models import Room, Speaker
from matchmaker.programme.services import people
from matchmaker.programme.views import bp
from matchmaker.programme.views.planning import planned_event


@bp.route("/events/<int:event_id>/rooms", methods=["GET", "POST"])
@signed_in
def rooms(event_id: int) -> Any:
    """The rooms of an event, and a new one."""
    return _room_page(planned_event(event_id), None)


@bp.route("/rooms/<int:room_id>", methods=["GET", "POST"])
@signed_in
def room(room_id: int) -> Any:
    """Change a room."""
    row = one_or_404(queries.rooms_run_by(current_user).where(Room.id == room_id))
    return _room_page(row.event, row)


def _room_page(event: Event, row: Room | None) -> Any:
    form = RoomForm(obj=row)
    event_id = event.id
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                people.keep_room(event, actor=current_user, room=row, **form.values)
            flash(_("已保存"), "good")
            return redirect(url_for("programme.rooms", event_id=event_id), 303)
    return answer(form, "programme/rooms.html", event=event, room=row, rooms=queries.rooms_of(event_id))


@bp.post("/rooms/<int:room_id>/delete")
@signed_in
def drop_room(room_id: int) -> Any:
    """Delete a room."""
    row = one_or_404(queries.rooms_run_by(current_user).where(Room.id == room_id))
    event_id = row.event_id
    with transaction():
        people.drop_room(row, actor=current_user)
    flash(_("场地已删除"), "info")
    return redirect(url_for("programme.rooms", event_id=event_id), 303)


@bp.route("/events/<int:event_id>/speakers", methods=["GET", "POST"])
@signed_in
def speakers(event_id: int) -> Any:
    """The speakers of an event, and a new one."""
    return _speaker_page(planned_event(event_id), None)


@bp.route("/speakers/<int:speaker_id>", methods=["GET", "POST"])
@signed_in
def speaker(speaker_id: int) -> Any:
    """Change a speaker."""
    row = one_or_404(queries.speakers_run_by(current_user).where(Speaker.id == speaker_id))
    return _speaker_page(row.event, row)


def _speaker_page(event: Event, row: Speaker | None) -> Any:
    form = SpeakerForm(obj=row)
    event_id = event.id
    if form.validate_on_submit():
        upload = request.files.get("photo")
        values = {**form.values, "photo": upload if upload and upload.filename else None}
        with errors_on(form):
            with transaction():
                people.keep_speaker(event, actor=current_user, speaker=row, **values)
            flash(_("已保存"), "good")
            return redirect(url_for("programme.speakers", event_id=event_id), 303)
    return answer(
        form,
        "programme/speakers.html",
        event=event,
        speaker=row,
        speakers=queries.speakers_of(event_id),
        appearances=queries.appearances(row.id) if row is not None else 0,
    )


@bp.post("/speakers/<int:speaker_id>/delete")
@signed_in
def drop_speaker(speaker_id: int) -> Any:
    """Take a speaker off the programme."""
    row = one_or_404(queries.speakers_run_by(current_user).where(Speaker.id == speaker_id))
    event_id = row.event_id
    with transaction():
        people.drop_speaker(row, actor=current_user)
    flash(_("嘉宾已删除"), "info")
    return redirect(url_for("programme.speakers", event_id=event_id), 303)


@bp.get("/speakers/<int:speaker_id>/photo")
@public  # as visible as the event itself
def photo(speaker_id: int) -> Any:
    """A speaker's picture: drawn anew when it came in, so it is nothing but a picture."""
    row = one_or_404(queries.speakers_visible_to(current_user).where(Speaker.id == speaker_id))
    file = db.session.get(StoredFile, row.photo_id) if row.photo_id is not None else None
    if file is None or not file.mimetype.startswith("image/"):
        abort(404)
    return Response(files.content_of(file), mimetype=file.mimetype)
