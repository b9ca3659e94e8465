"""One real record of region 650105 for every id that appears in a staff route; a new kind of id needs a line here."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from tests.cast import a_user
from tests.factories import (
    alliances,
    campaigns,
    candidacies,
    checkin,
    competition,
    directory,
    evaluation,
    events,
    finals,
    incubation,
    matching,
    programme,
    publicity,
    questionnaires,
    rosters,
    rounds,
    voting,
)

# Parameters that are words, not ids: a value that the route knows.
WORDS = {
    "year": "2026",
    "action": "approve",
    "check": "wins",
    "code": "T1",
    "kind": "organisations",
    "name": "events",
    "key": "unknown",
    "outline": "salon",
    "to": "suspended",
}


class World:
    """Records made when first asked for, and kept."""

    @cached_property
    def owner(self) -> Any:
        publicity.announced_years()
        return a_user(*(role for role in Role if role not in {Role.APPROVER, Role.MEMBER, Role.INDIVIDUAL}))

    @cached_property
    def approver(self) -> Any:
        return a_user(Role.APPROVER)

    @cached_property
    def organisation(self) -> Any:
        return directory.an_organisation()

    @cached_property
    def event(self) -> Any:
        return events.an_event(owner=self.owner)

    @cached_property
    def series(self) -> Any:
        return events.a_series(self.event)

    @cached_property
    def registration(self) -> Any:
        return events.a_registration(self.event, actor=a_user())

    @cached_property
    def notice(self) -> Any:
        return publicity.a_notice(owner=self.owner)

    @cached_property
    def certificate(self) -> Any:
        return publicity.a_certificate(self.notice, proposer=self.owner, approver=self.approver)

    @cached_property
    def contest(self) -> Any:
        return competition.a_contest(owner=self.owner)

    @cached_property
    def snapshot(self) -> Any:
        from matchmaker.monitoring.models import Snapshot
        from matchmaker.monitoring.rules import SnapshotState
        from tests.factories.monitoring import a_plan

        values = {"region": "650105", "plan_id": a_plan().id, "day": clock.today(), "taken": clock.now()}
        return self.added(Snapshot(state=next(iter(SnapshotState)), **values))

    @cached_property
    def carrier(self) -> Any:
        return incubation.a_carrier(papers=1)

    @cached_property
    def webhook(self) -> Any:
        from tests.factories.webhooks import a_webhook

        return a_webhook(owner=self.owner)

    @cached_property
    def appointment(self) -> Any:
        return rosters.an_appointment()

    @cached_property
    def gate(self) -> Any:
        return checkin.a_gate(self.event, actor=self.owner)

    @cached_property
    def conflict(self) -> Any:
        """What follows when an offline gate let an unknown code in."""
        from matchmaker.checkin.models import ScanConflict

        checkin.hand_in(self.gate, checkin.an_item(self.gate, "ZZZZ22223333", shown=True))
        return db.session.query(ScanConflict).one()

    def added(self, row: Any) -> Any:
        """Store a row that no service makes alone."""
        with transaction() as session:
            session.add(row)
        return row


def _round(world: World) -> Any:
    asker = a_user(organisation=directory.an_organisation())
    helper = rosters.a_helper(name="受邀人", email="round@example.cn", expertise=matching.EXPERTISE)
    return rounds.a_round([matching.a_need(actor=asker)], [helper], actor=world.owner)


def _erasure(world: World) -> Any:
    from matchmaker.accounts.models import ErasureRequest
    from matchmaker.accounts.rules import RequestState

    state = next(iter(RequestState))
    return world.added(ErasureRequest(user_id=a_user().id, state=state, created=clock.now()))


def _held(world: World) -> Any:
    from matchmaker.directory.models import HeldRecord

    row = HeldRecord(region="650105", kind="organisation", key="k", reason="同码", data={}, created=clock.now())
    return world.added(row)


def _batch(world: World) -> Any:
    from matchmaker.imports.models import ImportBatch
    from matchmaker.imports.rules import BatchState

    values: dict[str, Any] = {"headers": [], "line_count": 0, "mapping": {}, "options": {}, "counts": {}}
    state = next(iter(BatchState))
    return world.added(
        ImportBatch(region="650105", kind="organisations", filename="a.csv", state=state, created=clock.now(), **values)
    )


def _run(world: World) -> Any:
    from matchmaker.lists.models import BulkRun

    values = {"list_name": "registrations", "action": "approve", "scope": {}, "items": [], "created": clock.now()}
    return world.added(BulkRun(user_id=world.owner.id, **values))


def _referral(world: World) -> Any:
    from matchmaker.matching.models import Referral
    from matchmaker.matching.rules import ReferralState

    asker = a_user(organisation=world.organisation)
    values = {"need_id": matching.a_need(actor=asker).id, "person_id": directory.a_person().id, "asked_by_id": asker.id}
    return world.added(Referral(region="650105", state=next(iter(ReferralState)), created=clock.now(), **values))


def _weights(world: World) -> Any:
    from tests.factories.matching import some_weights

    return some_weights(actor=world.owner)


def _secret_need(world: World) -> Any:
    from matchmaker.matching.rules import Secrecy

    return matching.a_need(actor=a_user(organisation=world.organisation), secrecy=Secrecy.ANONYMOUS)


def _help_request(world: World) -> Any:
    asker = a_user(organisation=world.organisation)
    helper = rosters.a_helper(email="asked@example.cn", expertise=matching.EXPERTISE)
    return matching.a_request(matching.a_need(actor=asker), helper, actor=asker)


def _closing(world: World) -> Any:
    from matchmaker.monitoring.models import YearClosing

    return world.added(YearClosing(region="650105", year=2025, created=clock.now()))


def _invitation(world: World) -> Any:
    from tests.factories.invitations import an_invitation

    return an_invitation(world.event, actor=world.owner)


def _sending(world: World) -> Any:
    from matchmaker.invitations.models import InvitationSending

    row = InvitationSending(event=world.event, reminder=False, paragraph="", created=clock.now())
    return world.added(row)


def _suppression(_world: World) -> Any:
    from tests.factories.notifications import a_suppression

    return a_suppression()


def _delivery(world: World) -> Any:
    from tests.factories.webhooks import a_ping

    return a_ping(world.webhook, owner=world.owner)


def _print_run(world: World) -> Any:
    from matchmaker.badges.models import PrintRun
    from matchmaker.badges.rules import Paper

    values = {"paper": Paper.SHEET, "people": 0, "blanks": 1, "filters": {}, "actor_id": world.owner.id}
    return world.added(PrintRun(event_id=world.event.id, created=clock.now(), **values))


def _attendance(world: World) -> Any:
    from tests.factories import papers

    event = papers.an_event_over(owner=world.owner)
    papers.a_guest(event, attended=True)
    return papers.a_certificate(event, proposer=world.owner, approver=world.approver)


# By "blueprint.parameter" where one word means different things, else by parameter alone.
def _mentoring() -> Any:
    from tests.factories import mentoring

    return mentoring


def _envoys() -> Any:
    from tests.factories import envoys

    return envoys


def _serving(world: World) -> Any:
    from matchmaker.mentoring.services import offering

    person = rosters.a_helper()
    with transaction():
        return offering.serve(world.carrier, person, actor=None, starts=clock.today())


def _result() -> Any:
    from matchmaker.envoys.rules import ResultKind
    from matchmaker.envoys.services import scoring

    agreement = _envoys().an_envoy()
    user = _envoys().account(agreement)
    with transaction():
        return scoring.add_result(agreement, actor=user, kind=ResultKind.OTHER, title="测试成效", day=clock.today())


RECORDS: dict[str, Callable[[World], int]] = {
    "accounts.request_id": lambda w: _erasure(w).id,
    "user_id": lambda w: w.owner.id,
    "grant_id": lambda w: w.owner.grants[0].id,
    "organisation_id": lambda w: w.organisation.id,
    "person_id": lambda w: w.appointment.person_id,
    "held_id": lambda w: _held(w).id,
    "batch_id": lambda w: _batch(w).id,
    "run_id": lambda w: _run(w).id,
    "badges.run_id": lambda w: _print_run(w).id,
    "attendance_id": lambda w: _attendance(w).id,
    "attendee_id": lambda w: w.registration.attendees[0].id,
    "campaign_id": lambda w: campaigns.a_campaign(w.event, actor=w.owner).id,
    "webhook_id": lambda w: w.webhook.id,
    "delivery_id": lambda w: _delivery(w).id,
    "suppression_id": lambda w: _suppression(w).id,
    "event_id": lambda w: w.event.id,
    "registration_id": lambda w: w.registration.id,
    "series_id": lambda w: w.series.id,
    "invitation_id": lambda w: _invitation(w).id,
    "sending_id": lambda w: _sending(w).id,
    "programme.session_id": lambda w: programme.a_session(w.event, actor=w.owner, places=5).id,
    "programme.room_id": lambda w: programme.a_room(w.event, actor=w.owner).id,
    "programme.speaker_id": lambda w: programme.a_speaker(w.event, actor=w.owner).id,
    "programme.series_id": lambda w: programme.a_series(events.an_event(owner=w.owner), actor=w.owner).id,
    "events.pool_id": lambda w: w.event.pool.id,
    "events.audience_id": lambda w: w.event.audiences[0].id,
    "events.role_id": lambda _w: 1,  # the event is looked up first
    "notice_id": lambda w: w.notice.id,
    "objection_id": lambda w: publicity.an_objection(w.notice).id,
    "decision_id": lambda w: publicity.a_decision(w.notice, proposer=w.owner).id,
    "certificate_id": lambda w: w.certificate.id,
    "title_id": lambda w: evaluation.a_title().id,
    "carrier_id": lambda w: w.carrier.id,
    "paper_id": lambda w: w.carrier.papers[0].id,
    "tenancy_id": lambda w: incubation.a_tenancy(w.carrier).id,
    "contest_id": lambda w: w.contest.id,
    "group_id": lambda w: w.contest.groups[0].id,
    "entry_id": lambda w: competition.an_entry(w.contest).id,
    "seat_id": lambda w: competition.a_judge(w.contest, owner=w.owner).id,
    "recusal_id": lambda _w: 1,  # the contest is looked up first
    "final_id": lambda w: finals.a_final(owner=w.owner).id,
    "appearance_id": lambda _w: 1,  # the final is looked up first
    "finals.ballot_id": lambda _w: 1,
    "round_id": lambda w: _round(w).id,
    "vote_id": lambda w: voting.a_vote(owner=w.owner).id,
    "candidate_id": lambda _w: 1,  # the vote is looked up first
    "alliance_id": lambda _w: alliances.an_alliance().id,
    "need_id": lambda w: _secret_need(w).id,
    "api_matching.request_id": lambda w: _help_request(w).id,
    "api_matching.proposal_id": lambda _w: 1,  # the request is looked up first
    "api_matching.session_id": lambda _w: 1,
    "weights_id": lambda w: _weights(w).id,
    "referral_id": lambda w: _referral(w).id,
    "snapshot_id": lambda w: w.snapshot.id,
    "closing_id": lambda w: _closing(w).id,
    "appointment_id": lambda w: w.appointment.id,
    "candidacy_id": lambda _w: candidacies.a_candidacy().id,
    "agreement_id": lambda _w: candidacies.an_agreement(directory.a_person(), signed=False).id,
    "mentoring.session_id": lambda _w: _mentoring().a_session().id,
    "serving_id": lambda w: _serving(w).id,
    "work_id": lambda _w: 1,  # one's own works alone
    "deal_id": lambda _w: 1,
    "window_id": lambda _w: 1,  # one's own times alone
    "visit_id": lambda _w: _envoys().a_visit().id,
    "result_id": lambda _w: _result().id,
    "envoys.agreement_id": lambda _w: _envoys().an_envoy().id,
    "choice_id": lambda _w: 1,  # one's own choices alone
    "checkin.list_id": lambda w: checkin.a_list(w.event, actor=w.owner, name="名单").id,
    "checkin.gate_id": lambda w: w.gate.id,
    "checkin.code_id": lambda w: checkin.a_code(w.gate, actor=w.owner)[0].id,
    "checkin.attendee_id": lambda w: w.registration.attendees[0].id,
    "checkin.scan_id": lambda w: w.conflict.scan_id,
    "checkin.conflict_id": lambda w: w.conflict.id,
    "questionnaire_id": lambda w: questionnaires.a_questionnaire(w.event).id,
}


def factory(endpoint: str, parameter: str) -> Callable[[World], int] | None:
    """What makes a record for a parameter of a route."""
    return RECORDS.get(f"{endpoint.split('.')[0]}.{parameter}") or RECORDS.get(parameter)
