"""Recording a visit with its photo, and what the host says to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchmaker.accounts import queries as accounts
from matchmaker.activity import services as activity
from matchmaker.candidacies.models import Agreement
from matchmaker.core import clock
from matchmaker.core.calendar import china_today
from matchmaker.core.db import claim, db
from matchmaker.core.errors import Conflict, DomainError, NotPermitted
from matchmaker.directory.models import Person
from matchmaker.envoys import access, gateways, queries, rules
from matchmaker.envoys.models import EnvoyRelation, EnvoyVisit
from matchmaker.envoys.rules import Close, Confirmer, VisitState
from matchmaker.envoys.services import links
from matchmaker.files import services as files
from matchmaker.files.models import StoredFile
from matchmaker.files.rules import IMAGES
from matchmaker.notifications import services as notifications
from matchmaker.rosters import rules as roster_rules
from matchmaker.rosters.access import may_manage
from matchmaker.rosters.models import HelperProfile
from matchmaker.rosters.rules import Visit
from matchmaker.rosters.services import profiles, records

PHOTO = "visit"
CONFIRM = "envoys/mail/confirm"
ANSWER = "envoys/mail/answer"
MOST = 5


def record(
    agreement: Agreement,
    *,
    actor: Any,
    starts: datetime,
    ends: datetime,
    place: str,
    content: str,
    photo: Any,
    demo: bool = False,
) -> EnvoyVisit:
    """Write a visit down: inside the agreement, over already, nowhere else at that time, with a photo of its own."""
    person = agreement.person
    if person.user_id != actor.id:
        raise NotPermitted("只能登记自己的服务")
    if not agreement.complete:
        raise Conflict("三方协议还没有全部签署，不能登记服务")
    _check_words(place, content)
    _queue(person)
    has_photo = "photo" if getattr(photo, "filename", "") else ""
    visit = Visit(starts, ends, place.strip())
    others = [row.value for row in queries.taking_time(person.id)]
    roster_rules.check_visit(
        visit, agreement=agreement.term, others=others, photo=has_photo, used_photos=frozenset(), now=clock.now()
    )
    rules.check_recent(ends=china_today(ends), today=clock.today())
    now = clock.now()
    row = EnvoyVisit(
        region=agreement.region,
        agreement=agreement,
        person=person,
        starts=starts,
        ends=ends,
        place=place.strip(),
        content=content.strip(),
        photo_hash=f"pending-{now.timestamp()}"[:64],
        state=VisitState.WAITING,
        demo=demo,
        created=now,
        updated=now,
    )
    db.session.add(row)
    try:
        db.session.flush()  # the constraints have the last word
    except IntegrityError:
        raise Conflict("同一时间刚刚登记了另一次服务，请刷新页面核对", field="starts") from None
    _keep_photo(row, photo, actor=actor)
    activity.record("envoys.visited", subject=row, actor=actor, host=agreement.host.name)
    send_link(row)
    return row


def _check_words(place: str, content: str) -> None:
    if not place.strip():
        raise DomainError("请填写服务地点；线上服务写“线上”", field="place")
    if len(content.strip()) < 10:
        raise DomainError("请写明做了什么、解决了什么问题，至少 10 个字", field="work")


def send_link(row: EnvoyVisit, *, email: str | None = None) -> int:
    """Ask the host: its people with accounts by their page, its contact by a link. The envoy never sees the link."""
    host = row.agreement.host
    people = db.session.execute(accounts.members_of(host.id).limit(MOST)).unique().scalars().all()
    people = [user for user in people if user.id != row.person.user_id]
    told = 0
    if not email:
        for user in people:
            notifications.enqueue(CONFIRM, to=user, about=row, url=f"/envoys/visits/{row.id}", visit=row)
            told += 1
    address = email or (None if people else host.contact_email)
    if address and address != row.person.email:
        path = links.renew(row)
        notifications.enqueue(CONFIRM, email=address, to_name=host.name, about=row, url=path, visit=row)
        told += 1
    return told


def send_link_to(row: EnvoyVisit, *, actor: Any, email: str) -> None:
    """A handler sends the link to an address of the host's; never to the envoy's own."""
    if not may_manage(actor, row.region):
        raise NotPermitted("这条记录不在您负责的区域")
    if row.state is not VisitState.WAITING:
        raise Conflict("这条服务记录已办结，不用再确认")
    if row.person.email and row.person.email == email:
        raise DomainError("这是特派员本人的邮箱，请填写企业人员的邮箱", field="email")
    send_link(row, email=email)
    activity.record("envoys.link_sent", subject=row, actor=actor)


def confirm(row: EnvoyVisit, *, actor: Any | None, name: str, phone: str = "", unrelated: bool, rating: int) -> None:
    """The host says that it took place and how it was. `actor` None: by link."""
    if actor is not None and not access.is_host(actor, row):
        if access.is_envoy(actor, row):
            raise NotPermitted("特派员不能确认自己的服务，请由企业其他人员确认")
        raise NotPermitted("只有受援企业的人员可以确认")
    rules.check_transition(row.state, VisitState.CONFIRMED)
    who = Confirmer(name, getattr(actor, "id", None), phone or getattr(actor, "phone", None) or "")
    rules.check_confirmer(
        who,
        envoy_user=row.person.user_id,
        envoy_name=row.person.name,
        envoy_phone=row.person.phone or "",
        close=[Close(each.name, each.phone) for each in queries.relations_of(row.person_id)],
        unrelated=unrelated,
    )
    if not 1 <= rating <= 5:
        raise DomainError("评分应为 1 至 5 分，请修改", field="rating")
    now = clock.now()
    row.state, row.confirmed, row.updated, row.rating = VisitState.CONFIRMED, now, now, rating
    row.confirmer_id, row.confirmer_name, row.by_link = who.user_id, who.name.strip()[:60], actor is None
    row.link_hash = None
    _write_down(row, actor=actor)
    activity.record("envoys.confirmed", subject=row, actor=actor, name=row.confirmer_name)
    _tell_envoy(row)
    db.session.flush()


def dispute(row: EnvoyVisit, *, actor: Any | None, name: str, reason: str) -> None:
    """The host says that it did not take place like this; the hours and the photo are free again."""
    if actor is not None and not access.is_host(actor, row):
        raise NotPermitted("只有受援企业的人员可以确认")
    rules.check_transition(row.state, VisitState.DISPUTED)
    if len(reason.strip()) < 5:
        raise DomainError("请写明哪里不符，特派员和科技局会看到", field="reason")
    row.state, row.reason, row.updated = VisitState.DISPUTED, reason.strip()[:500], clock.now()
    row.confirmer_id, row.confirmer_name, row.by_link = getattr(actor, "id", None), name.strip()[:60], actor is None
    row.link_hash = None
    activity.record("envoys.disputed", subject=row, actor=actor, reason=row.reason)
    _tell_envoy(row)
    db.session.flush()


def retract(row: EnvoyVisit, *, actor: Any) -> None:
    """The envoy takes back what nobody has confirmed."""
    if not access.is_envoy(actor, row):
        raise NotPermitted("只能撤回自己的服务记录")
    rules.check_transition(row.state, VisitState.RETRACTED)
    row.state, row.updated, row.link_hash = VisitState.RETRACTED, clock.now(), None
    activity.record("envoys.retracted", subject=row, actor=actor)
    db.session.flush()


def declare(person: Person, *, actor: Any, name: str, phone: str, relation: str) -> EnvoyRelation:
    """The envoy names somebody close, who then cannot confirm."""
    if person.user_id != actor.id and not may_manage(actor, person.region):
        raise NotPermitted("只能登记自己的亲属关系")
    if any(row.name == name for row in queries.relations_of(person.id)):
        raise Conflict("{name}已经登记过", field="name", name=name)
    row = EnvoyRelation(person_id=person.id, name=name[:60], phone=phone[:20], relation=relation[:60])
    db.session.add(row)
    activity.record("envoys.declared", subject=person, actor=actor)
    db.session.flush()
    return row


def photo_of(row: EnvoyVisit) -> StoredFile | None:
    """The photo of a visit."""
    statement = sa.select(StoredFile).where(
        StoredFile.subject_kind == EnvoyVisit.__tablename__, StoredFile.subject_id == row.id
    )
    return db.session.execute(statement.order_by(StoredFile.id)).scalars().first()


def _keep_photo(row: EnvoyVisit, photo: Any, *, actor: Any) -> None:
    kept = files.attach(photo, subject=row, actor=actor, purpose=PHOTO, kinds=IMAGES, field="photo")
    if queries.photo_used(kept.sha256):
        raise DomainError("这张照片已用于其他服务记录，请上传本次现场照片", field="photo")
    row.photo_hash = kept.sha256
    row.photo_likeness = gateways.likeness_of(files.content_of(kept))
    row.alike_id = _alike(row)
    db.session.flush()  # the unique index has the last word


def _alike(row: EnvoyVisit) -> int | None:
    """The visit whose photo looks most like this one's; a picture without any drawing in it is like nothing."""
    if not rules.tells_anything(row.photo_likeness):
        return None
    found = [
        (distance, visit_id)
        for visit_id, other in queries.likenesses(row.region, but=row.id)
        if (distance := rules.distance(row.photo_likeness or "", other)) <= rules.ALIKE
    ]
    return min(found)[1] if found else None


def _queue(person: Person) -> None:
    """One visit of an envoy after the other: the row of the profile is held until the end of the transaction."""
    profile = profiles.ensure(person)
    claim(sa.update(HelperProfile).where(HelperProfile.id == profile.id).values(updated=clock.now()))


def _write_down(row: EnvoyVisit, *, actor: Any | None) -> None:
    kept = records.record_service(
        row.person,
        actor=actor,
        organisation_id=row.agreement.host_id,
        served=china_today(row.starts),
        minutes=min(row.minutes, roster_rules.MINUTES_A_DAY),
        place=row.place,
        content=row.content,
        by_helper=True,
        demo=row.demo,
    )
    records.confirm(kept, actor=actor, by_helper=False, rating=row.rating)
    row.record_id = kept.id


def _tell_envoy(row: EnvoyVisit) -> None:
    from matchmaker.accounts.models import User

    user = db.session.get(User, row.person.user_id) if row.person.user_id else None
    if user is not None:
        notifications.enqueue(ANSWER, to=user, about=row, url=f"/envoys/visits/{row.id}", visit=row)
