"""rosters from application to review, meetings of needs and helpers, voting, rounds."""

import sqlalchemy as sa
from alembic import op

revision = "fff1baedff2a"
down_revision = "8ccafc6a5783"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "text_vectors",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=60), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", "model", name=op.f("pk_text_vectors")),
    )
    op.create_table(
        "match_rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("per_need", sa.Integer(), nullable=False),
        sa.Column("per_helper", sa.Integer(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("floor >= 0 AND floor <= 100", name=op.f("ck_match_rounds_floor_of_hundred")),
        sa.CheckConstraint("per_need >= 1 AND per_helper >= 1", name=op.f("ck_match_rounds_numbers_from_one")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_match_rounds_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_rounds")),
    )
    with op.batch_alter_table("match_rounds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_rounds_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_rounds_region"), ["region"], unique=False)

    op.create_table(
        "roster_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=43), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_roster_feeds_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_feeds")),
        sa.UniqueConstraint("user_id", name=op.f("uq_roster_feeds_user_id")),
    )
    op.create_table(
        "carrier_mentors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("carrier_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.CheckConstraint("ends IS NULL OR ends >= starts", name=op.f("ck_carrier_mentors_ends_after_start")),
        sa.ForeignKeyConstraint(["carrier_id"], ["carriers.id"], name=op.f("fk_carrier_mentors_carrier_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_carrier_mentors_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_mentors")),
        sa.UniqueConstraint(
            "carrier_id", "person_id", "starts", name=op.f("uq_carrier_mentors_carrier_id_person_id_starts")
        ),
    )
    with op.batch_alter_table("carrier_mentors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_carrier_mentors_person_id"), ["person_id"], unique=False)

    op.create_table(
        "digest_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("last_week", sa.Date(), nullable=True),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_digest_choices_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_choices")),
        sa.UniqueConstraint("person_id", name=op.f("uq_digest_choices_person_id")),
    )
    op.create_table(
        "envoy_relations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("relation", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_envoy_relations_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envoy_relations")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_envoy_relations_person_id_name")),
    )
    op.create_table(
        "investor_deals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_fen IS NULL OR amount_fen >= 0", name=op.f("ck_investor_deals_amount_not_negative")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_investor_deals_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_investor_deals")),
    )
    with op.batch_alter_table("investor_deals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_investor_deals_person_id"), ["person_id"], unique=False)

    op.create_table(
        "match_dismissals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("score", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=True),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("engine", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_match_dismissals_by_id")),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_match_dismissals_need_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_match_dismissals_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_dismissals")),
        sa.UniqueConstraint("need_id", "person_id", "side", name=op.f("uq_match_dismissals_need_id_person_id_side")),
    )
    with op.batch_alter_table("match_dismissals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_dismissals_person_id"), ["person_id"], unique=False)

    op.create_table(
        "match_round_helpers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_match_round_helpers_person_id")),
        sa.ForeignKeyConstraint(["round_id"], ["match_rounds.id"], name=op.f("fk_match_round_helpers_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_round_helpers")),
        sa.UniqueConstraint("round_id", "person_id", name=op.f("uq_match_round_helpers_round_id_person_id")),
    )
    with op.batch_alter_table("match_round_helpers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_round_helpers_person_id"), ["person_id"], unique=False)

    op.create_table(
        "match_round_needs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_match_round_needs_need_id")),
        sa.ForeignKeyConstraint(["round_id"], ["match_rounds.id"], name=op.f("fk_match_round_needs_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_round_needs")),
        sa.UniqueConstraint("round_id", "need_id", name=op.f("uq_match_round_needs_round_id_need_id")),
    )
    with op.batch_alter_table("match_round_needs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_round_needs_need_id"), ["need_id"], unique=False)

    op.create_table(
        "mentor_days_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mentor_days_off_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentor_days_off")),
        sa.UniqueConstraint("person_id", "day", name=op.f("uq_mentor_days_off_person_id_day")),
    )
    op.create_table(
        "mentor_windows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts_minute", sa.Integer(), nullable=False),
        sa.Column("ends_minute", sa.Integer(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "starts_minute >= 0 AND ends_minute <= 1440 AND starts_minute < ends_minute",
            name=op.f("ck_mentor_windows_in_day"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_mentor_windows_weekday")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mentor_windows_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentor_windows")),
        sa.UniqueConstraint(
            "person_id", "weekday", "starts_minute", name=op.f("uq_mentor_windows_person_id_weekday_starts_minute")
        ),
    )
    op.create_table(
        "suggestion_impressions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=False),
        sa.Column("engine", sa.String(length=60), nullable=False),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_suggestion_impressions_rank_from_one")),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_suggestion_impressions_need_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_suggestion_impressions_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_impressions")),
        sa.UniqueConstraint(
            "need_id", "side", "day", "person_id", name=op.f("uq_suggestion_impressions_need_id_side_day_person_id")
        ),
    )
    with op.batch_alter_table("suggestion_impressions", schema=None) as batch_op:
        batch_op.create_index("ix_suggestion_impressions_day", ["day"], unique=False)
        batch_op.create_index("ix_suggestion_impressions_person_id", ["person_id"], unique=False)

    op.create_table(
        "appointment_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("total", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=False),
        sa.Column("grade", sa.String(length=32), nullable=False),
        sa.Column("doc_no", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_appointment_reviews_appointment_id")
        ),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["users.id"], name=op.f("fk_appointment_reviews_confirmed_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_appointment_reviews_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_reviews")),
        sa.UniqueConstraint("appointment_id", "year", name=op.f("uq_appointment_reviews_appointment_id_year")),
    )
    with op.batch_alter_table("appointment_reviews", schema=None) as batch_op:
        batch_op.create_index("ix_appointment_reviews_person_kind", ["person_id", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_appointment_reviews_region"), ["region"], unique=False)

    op.create_table(
        "candidacies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("applicant_id", sa.Integer(), nullable=True),
        sa.Column("recommender_id", sa.Integer(), nullable=True),
        sa.Column("recommended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recommendation", sa.String(length=500), nullable=False),
        sa.Column("sending_unit_id", sa.Integer(), nullable=True),
        sa.Column("host_id", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=32), nullable=True),
        sa.Column("carrier", sa.String(length=200), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("civil_servant", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["applicant_id"], ["users.id"], name=op.f("fk_candidacies_applicant_id")),
        sa.ForeignKeyConstraint(["appointment_id"], ["appointments.id"], name=op.f("fk_candidacies_appointment_id")),
        sa.ForeignKeyConstraint(["host_id"], ["organisations.id"], name=op.f("fk_candidacies_host_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_candidacies_notice_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_candidacies_person_id")),
        sa.ForeignKeyConstraint(["recommender_id"], ["organisations.id"], name=op.f("fk_candidacies_recommender_id")),
        sa.ForeignKeyConstraint(["sending_unit_id"], ["organisations.id"], name=op.f("fk_candidacies_sending_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidacies")),
    )
    with op.batch_alter_table("candidacies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_candidacies_applicant_id"), ["applicant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidacies_host_id"), ["host_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidacies_notice_id"), ["notice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidacies_recommender_id"), ["recommender_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidacies_region"), ["region"], unique=False)
        batch_op.create_index("ix_candidacies_region_state", ["region", "state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidacies_sending_unit_id"), ["sending_unit_id"], unique=False)
        batch_op.create_index(
            "uq_open_candidacy",
            ["person_id", "kind"],
            unique=True,
            sqlite_where=sa.text(
                "state IN ('applied', 'recommended', 'matched', 'reviewing', 'returned', 'publicity')"
            ),
            postgresql_where=sa.text(
                "state IN ('applied', 'recommended', 'matched', 'reviewing', 'returned', 'publicity')"
            ),
        )

    op.create_table(
        "match_round_pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("score", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_match_round_pairs_need_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_match_round_pairs_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["help_requests.id"], name=op.f("fk_match_round_pairs_request_id")),
        sa.ForeignKeyConstraint(["round_id"], ["match_rounds.id"], name=op.f("fk_match_round_pairs_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_round_pairs")),
        sa.UniqueConstraint(
            "round_id", "need_id", "person_id", name=op.f("uq_match_round_pairs_round_id_need_id_person_id")
        ),
    )
    with op.batch_alter_table("match_round_pairs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_match_round_pairs_need_id"), ["need_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_round_pairs_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_match_round_pairs_request_id"), ["request_id"], unique=False)

    op.create_table(
        "need_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("score", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=True),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["users.id"], name=op.f("fk_need_offers_answered_by_id")),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_need_offers_need_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_need_offers_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["help_requests.id"], name=op.f("fk_need_offers_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_offers")),
        sa.UniqueConstraint("request_id", name=op.f("uq_need_offers_request_id")),
    )
    with op.batch_alter_table("need_offers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_need_offers_need_id"), ["need_id"], unique=False)
        batch_op.create_index("ix_need_offers_person_state", ["person_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_need_offers_region"), ["region"], unique=False)
        batch_op.create_index("ix_need_offers_state_expires", ["state", "expires"], unique=False)
        batch_op.create_index(
            "uq_waiting_offer",
            ["need_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "request_outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=32), nullable=False),
        sa.Column("contract", sa.String(length=32), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.String(length=32), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "amount_fen IS NULL OR amount_fen >= 0", name=op.f("ck_request_outcomes_amount_not_negative")
        ),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["users.id"], name=op.f("fk_request_outcomes_recorded_by_id")),
        sa.ForeignKeyConstraint(["request_id"], ["help_requests.id"], name=op.f("fk_request_outcomes_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_outcomes")),
        sa.UniqueConstraint("request_id", name=op.f("uq_request_outcomes_request_id")),
    )
    op.create_table(
        "request_passes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("from_person_id", sa.Integer(), nullable=False),
        sa.Column("to_person_id", sa.Integer(), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("by_link", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Numeric(20, 6).with_variant(sa.String(32), "sqlite"), nullable=True),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["from_person_id"], ["people.id"], name=op.f("fk_request_passes_from_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["help_requests.id"], name=op.f("fk_request_passes_request_id")),
        sa.ForeignKeyConstraint(["to_person_id"], ["people.id"], name=op.f("fk_request_passes_to_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_passes")),
        sa.UniqueConstraint("request_id", "from_person_id", name=op.f("uq_request_passes_request_id_from_person_id")),
    )
    with op.batch_alter_table("request_passes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_passes_from_person_id"), ["from_person_id"], unique=False)

    op.create_table(
        "request_proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=True),
        sa.Column("terms", sa.String(length=500), nullable=False),
        sa.Column("by_link", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["users.id"], name=op.f("fk_request_proposals_answered_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_request_proposals_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["help_requests.id"], name=op.f("fk_request_proposals_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_proposals")),
    )
    with op.batch_alter_table("request_proposals", schema=None) as batch_op:
        batch_op.create_index("ix_request_proposals_request_id", ["request_id"], unique=False)
        batch_op.create_index(
            "uq_waiting_proposal",
            ["request_id"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "envoy_agreements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("candidacy_id", sa.Integer(), nullable=True),
        sa.Column("sending_unit_id", sa.Integer(), nullable=True),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("goals", sa.Text(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("envoy_signed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("envoy_signer_id", sa.Integer(), nullable=True),
        sa.Column("host_signed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("host_signer_id", sa.Integer(), nullable=True),
        sa.Column("bureau_signed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bureau_signer_id", sa.Integer(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state = 'signing' OR (envoy_signed IS NOT NULL AND host_signed IS NOT NULL AND bureau_signed IS NOT NULL)",
            name=op.f("ck_envoy_agreements_signed_by_all"),
        ),
        sa.CheckConstraint("ends > starts", name=op.f("ck_envoy_agreements_ends_after_start")),
        sa.ForeignKeyConstraint(["bureau_signer_id"], ["users.id"], name=op.f("fk_envoy_agreements_bureau_signer_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacies.id"], name=op.f("fk_envoy_agreements_candidacy_id")),
        sa.ForeignKeyConstraint(["envoy_signer_id"], ["users.id"], name=op.f("fk_envoy_agreements_envoy_signer_id")),
        sa.ForeignKeyConstraint(["host_id"], ["organisations.id"], name=op.f("fk_envoy_agreements_host_id")),
        sa.ForeignKeyConstraint(["host_signer_id"], ["users.id"], name=op.f("fk_envoy_agreements_host_signer_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_envoy_agreements_person_id")),
        sa.ForeignKeyConstraint(
            ["sending_unit_id"], ["organisations.id"], name=op.f("fk_envoy_agreements_sending_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envoy_agreements")),
    )
    with op.batch_alter_table("envoy_agreements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_envoy_agreements_candidacy_id"), ["candidacy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_envoy_agreements_host_id"), ["host_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_envoy_agreements_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_envoy_agreements_region"), ["region"], unique=False)
        batch_op.create_index(
            "uq_live_agreement",
            ["person_id", "host_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('signing', 'in_force')"),
            postgresql_where=sa.text("state IN ('signing', 'in_force')"),
        )

    op.create_table(
        "envoy_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidacy_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("by_envoy", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_host", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.CheckConstraint("by_envoy IS NOT NULL OR by_host IS NOT NULL", name=op.f("ck_envoy_choices_somebody_chose")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacies.id"], name=op.f("fk_envoy_choices_candidacy_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_envoy_choices_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envoy_choices")),
        sa.UniqueConstraint(
            "candidacy_id", "organisation_id", name=op.f("uq_envoy_choices_candidacy_id_organisation_id")
        ),
    )
    with op.batch_alter_table("envoy_choices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_envoy_choices_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "mentor_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("booked_by_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("tenancy_id", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("mentor_confirmed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_confirmed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(length=500), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('done', 'rated') OR (mentor_confirmed IS NOT NULL AND client_confirmed IS NOT NULL)",
            name=op.f("ck_mentor_sessions_done_by_both"),
        ),
        sa.CheckConstraint("ends > starts", name=op.f("ck_mentor_sessions_ends_after_start")),
        sa.CheckConstraint(
            "rating IS NULL OR (rating >= 1 AND rating <= 5)", name=op.f("ck_mentor_sessions_rating_one_to_five")
        ),
        sa.ForeignKeyConstraint(["booked_by_id"], ["users.id"], name=op.f("fk_mentor_sessions_booked_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_mentor_sessions_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mentor_sessions_person_id")),
        sa.ForeignKeyConstraint(["record_id"], ["service_records.id"], name=op.f("fk_mentor_sessions_record_id")),
        sa.ForeignKeyConstraint(["request_id"], ["help_requests.id"], name=op.f("fk_mentor_sessions_request_id")),
        sa.ForeignKeyConstraint(["tenancy_id"], ["tenancies.id"], name=op.f("fk_mentor_sessions_tenancy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentor_sessions")),
        sa.UniqueConstraint("record_id", name=op.f("uq_mentor_sessions_record_id")),
    )
    with op.batch_alter_table("mentor_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mentor_sessions_booked_by_id"), ["booked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mentor_sessions_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index("ix_mentor_sessions_person_starts", ["person_id", "starts"], unique=False)
        batch_op.create_index(batch_op.f("ix_mentor_sessions_region"), ["region"], unique=False)
        batch_op.create_index(batch_op.f("ix_mentor_sessions_request_id"), ["request_id"], unique=False)
        batch_op.create_index("ix_mentor_sessions_state_starts", ["state", "starts"], unique=False)
        batch_op.create_index(batch_op.f("ix_mentor_sessions_tenancy_id"), ["tenancy_id"], unique=False)

    op.create_table(
        "public_votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("opens", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes", sa.DateTime(timezone=True), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.Column("in_all", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=32), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("award", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("checked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "cancelled IS NULL OR cancel_reason <> ''", name=op.f("ck_public_votes_cancelled_with_reason")
        ),
        sa.CheckConstraint("checked IS NULL OR cancelled IS NULL", name=op.f("ck_public_votes_checked_or_cancelled")),
        sa.CheckConstraint("closes > opens", name=op.f("ck_public_votes_closes_after_opens")),
        sa.CheckConstraint("per_day >= 1 AND in_all >= per_day", name=op.f("ck_public_votes_votes_per_voter")),
        sa.CheckConstraint(
            "released IS NULL OR checked IS NOT NULL", name=op.f("ck_public_votes_released_after_check")
        ),
        sa.ForeignKeyConstraint(["stage_id"], ["contest_stages.id"], name=op.f("fk_public_votes_stage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_votes")),
        sa.UniqueConstraint("stage_id", name=op.f("uq_public_votes_stage_id")),
    )
    op.create_table(
        "envoy_results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("checked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["envoy_agreements.id"], name=op.f("fk_envoy_results_agreement_id")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["users.id"], name=op.f("fk_envoy_results_checked_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_envoy_results_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envoy_results")),
    )
    with op.batch_alter_table("envoy_results", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_envoy_results_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_envoy_results_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_envoy_results_region"), ["region"], unique=False)

    op.create_table(
        "envoy_visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("photo_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("confirmed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmer_id", sa.Integer(), nullable=True),
        sa.Column("confirmer_name", sa.String(length=60), nullable=False),
        sa.Column("by_link", sa.Boolean(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=True),
        sa.Column("link_expires", sa.Date(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'confirmed' OR confirmed IS NOT NULL", name=op.f("ck_envoy_visits_confirmed_by_host")
        ),
        sa.CheckConstraint("ends > starts", name=op.f("ck_envoy_visits_ends_after_start")),
        sa.CheckConstraint(
            "rating IS NULL OR (rating >= 1 AND rating <= 5)", name=op.f("ck_envoy_visits_rating_one_to_five")
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["envoy_agreements.id"], name=op.f("fk_envoy_visits_agreement_id")),
        sa.ForeignKeyConstraint(["confirmer_id"], ["users.id"], name=op.f("fk_envoy_visits_confirmer_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_envoy_visits_person_id")),
        sa.ForeignKeyConstraint(["record_id"], ["service_records.id"], name=op.f("fk_envoy_visits_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envoy_visits")),
        sa.UniqueConstraint("record_id", name=op.f("uq_envoy_visits_record_id")),
    )
    with op.batch_alter_table("envoy_visits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_envoy_visits_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index("ix_envoy_visits_person_starts", ["person_id", "starts"], unique=False)
        batch_op.create_index(batch_op.f("ix_envoy_visits_region"), ["region"], unique=False)
        batch_op.create_index(
            "uq_visit_photo",
            ["photo_hash"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'confirmed')"),
            postgresql_where=sa.text("state IN ('waiting', 'confirmed')"),
        )

    op.create_table(
        "public_vote_candidates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("blurb", sa.String(length=500), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=True),
        sa.Column("struck", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(votes IS NULL) = (struck IS NULL)", name=op.f("ck_public_vote_candidates_counted_together")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_public_vote_candidates_entry_id")),
        sa.ForeignKeyConstraint(["vote_id"], ["public_votes.id"], name=op.f("fk_public_vote_candidates_vote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_vote_candidates")),
        sa.UniqueConstraint("vote_id", "entry_id", name=op.f("uq_public_vote_candidates_vote_id_entry_id")),
    )
    with op.batch_alter_table("public_vote_candidates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_public_vote_candidates_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "public_voters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("account_made", sa.DateTime(timezone=True), nullable=True),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.Column("in_all", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("used_today", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("used >= 0 AND used <= in_all", name=op.f("ck_public_voters_used_within_all")),
        sa.CheckConstraint("used_today >= 0 AND used_today <= per_day", name=op.f("ck_public_voters_used_within_day")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_public_voters_user_id")),
        sa.ForeignKeyConstraint(["vote_id"], ["public_votes.id"], name=op.f("fk_public_voters_vote_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_voters")),
        sa.UniqueConstraint("vote_id", "key_hash", name=op.f("uq_public_voters_vote_id_key_hash")),
    )
    with op.batch_alter_table("public_voters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_public_voters_user_id"), ["user_id"], unique=False)

    op.create_table(
        "session_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=20), nullable=False),
        sa.Column("cell", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["mentor_sessions.id"], name=op.f("fk_session_holds_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_holds")),
        sa.UniqueConstraint("holder", "cell", name=op.f("uq_session_holds_holder_cell")),
    )
    with op.batch_alter_table("session_holds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_holds_session_id"), ["session_id"], unique=False)

    op.create_table(
        "public_vote_cast",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vote_id", sa.Integer(), nullable=False),
        sa.Column("voter_id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(length=10), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("struck", sa.String(length=32), nullable=True),
        sa.Column("struck_by_id", sa.Integer(), nullable=True),
        sa.Column("struck_note", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(struck IS NULL) = (struck_by_id IS NULL)", name=op.f("ck_public_vote_cast_struck_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["public_vote_candidates.id"], name=op.f("fk_public_vote_cast_candidate_id")
        ),
        sa.ForeignKeyConstraint(["struck_by_id"], ["users.id"], name=op.f("fk_public_vote_cast_struck_by_id")),
        sa.ForeignKeyConstraint(["vote_id"], ["public_votes.id"], name=op.f("fk_public_vote_cast_vote_id")),
        sa.ForeignKeyConstraint(["voter_id"], ["public_voters.id"], name=op.f("fk_public_vote_cast_voter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_vote_cast")),
        sa.UniqueConstraint(
            "voter_id", "candidate_id", "slot", name=op.f("uq_public_vote_cast_voter_id_candidate_id_slot")
        ),
    )
    with op.batch_alter_table("public_vote_cast", schema=None) as batch_op:
        batch_op.create_index("ix_public_vote_cast_candidate", ["candidate_id", "struck"], unique=False)
        batch_op.create_index(batch_op.f("ix_public_vote_cast_vote_id"), ["vote_id"], unique=False)

    with op.batch_alter_table("help_requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("offered", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trl_now", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("trl_wanted", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("kept_reason", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("handler_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_needs_handler_id"), ["handler_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_needs_handler_id"), "users", ["handler_id"], ["id"])
        batch_op.create_check_constraint(
            batch_op.f("ck_needs_trl_now_one_to_nine"), "trl_now IS NULL OR (trl_now >= 1 AND trl_now <= 9)"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_needs_trl_wanted_one_to_nine"), "trl_wanted IS NULL OR (trl_wanted >= 1 AND trl_wanted <= 9)"
        )

    with op.batch_alter_table("request_services", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owner_note", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("helper_note", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("rating_note", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("preparation", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("preparation_note", sa.String(length=500), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("rated", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_request_services_preparation_one_to_five"),
            "preparation IS NULL OR (preparation >= 1 AND preparation <= 5)",
        )


def downgrade():
    with op.batch_alter_table("request_services", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_request_services_preparation_one_to_five"), type_="check")
        batch_op.drop_column("rated")
        batch_op.drop_column("preparation_note")
        batch_op.drop_column("preparation")
        batch_op.drop_column("rating_note")
        batch_op.drop_column("helper_note")
        batch_op.drop_column("owner_note")

    with op.batch_alter_table("needs", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_needs_trl_wanted_one_to_nine"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_needs_trl_now_one_to_nine"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_needs_handler_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_needs_handler_id"))
        batch_op.drop_column("handler_id")
        batch_op.drop_column("kept_reason")
        batch_op.drop_column("listed")
        batch_op.drop_column("trl_wanted")
        batch_op.drop_column("trl_now")

    with op.batch_alter_table("help_requests", schema=None) as batch_op:
        batch_op.drop_column("offered")

    with op.batch_alter_table("public_vote_cast", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_public_vote_cast_vote_id"))
        batch_op.drop_index("ix_public_vote_cast_candidate")

    op.drop_table("public_vote_cast")
    with op.batch_alter_table("session_holds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_holds_session_id"))

    op.drop_table("session_holds")
    with op.batch_alter_table("public_voters", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_public_voters_user_id"))

    op.drop_table("public_voters")
    with op.batch_alter_table("public_vote_candidates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_public_vote_candidates_entry_id"))

    op.drop_table("public_vote_candidates")
    with op.batch_alter_table("envoy_visits", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_visit_photo",
            sqlite_where=sa.text("state IN ('waiting', 'confirmed')"),
            postgresql_where=sa.text("state IN ('waiting', 'confirmed')"),
        )
        batch_op.drop_index(batch_op.f("ix_envoy_visits_region"))
        batch_op.drop_index("ix_envoy_visits_person_starts")
        batch_op.drop_index(batch_op.f("ix_envoy_visits_agreement_id"))

    op.drop_table("envoy_visits")
    with op.batch_alter_table("envoy_results", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_envoy_results_region"))
        batch_op.drop_index(batch_op.f("ix_envoy_results_person_id"))
        batch_op.drop_index(batch_op.f("ix_envoy_results_agreement_id"))

    op.drop_table("envoy_results")
    op.drop_table("public_votes")
    with op.batch_alter_table("mentor_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mentor_sessions_tenancy_id"))
        batch_op.drop_index("ix_mentor_sessions_state_starts")
        batch_op.drop_index(batch_op.f("ix_mentor_sessions_request_id"))
        batch_op.drop_index(batch_op.f("ix_mentor_sessions_region"))
        batch_op.drop_index("ix_mentor_sessions_person_starts")
        batch_op.drop_index(batch_op.f("ix_mentor_sessions_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_mentor_sessions_booked_by_id"))

    op.drop_table("mentor_sessions")
    with op.batch_alter_table("envoy_choices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_envoy_choices_organisation_id"))

    op.drop_table("envoy_choices")
    with op.batch_alter_table("envoy_agreements", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_live_agreement",
            sqlite_where=sa.text("state IN ('signing', 'in_force')"),
            postgresql_where=sa.text("state IN ('signing', 'in_force')"),
        )
        batch_op.drop_index(batch_op.f("ix_envoy_agreements_region"))
        batch_op.drop_index(batch_op.f("ix_envoy_agreements_person_id"))
        batch_op.drop_index(batch_op.f("ix_envoy_agreements_host_id"))
        batch_op.drop_index(batch_op.f("ix_envoy_agreements_candidacy_id"))

    op.drop_table("envoy_agreements")
    with op.batch_alter_table("request_proposals", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_waiting_proposal",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index("ix_request_proposals_request_id")

    op.drop_table("request_proposals")
    with op.batch_alter_table("request_passes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_passes_from_person_id"))

    op.drop_table("request_passes")
    op.drop_table("request_outcomes")
    with op.batch_alter_table("need_offers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_waiting_offer", sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'")
        )
        batch_op.drop_index("ix_need_offers_state_expires")
        batch_op.drop_index(batch_op.f("ix_need_offers_region"))
        batch_op.drop_index("ix_need_offers_person_state")
        batch_op.drop_index(batch_op.f("ix_need_offers_need_id"))

    op.drop_table("need_offers")
    with op.batch_alter_table("match_round_pairs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_round_pairs_request_id"))
        batch_op.drop_index(batch_op.f("ix_match_round_pairs_person_id"))
        batch_op.drop_index(batch_op.f("ix_match_round_pairs_need_id"))

    op.drop_table("match_round_pairs")
    with op.batch_alter_table("candidacies", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_open_candidacy",
            sqlite_where=sa.text(
                "state IN ('applied', 'recommended', 'matched', 'reviewing', 'returned', 'publicity')"
            ),
            postgresql_where=sa.text(
                "state IN ('applied', 'recommended', 'matched', 'reviewing', 'returned', 'publicity')"
            ),
        )
        batch_op.drop_index(batch_op.f("ix_candidacies_sending_unit_id"))
        batch_op.drop_index("ix_candidacies_region_state")
        batch_op.drop_index(batch_op.f("ix_candidacies_region"))
        batch_op.drop_index(batch_op.f("ix_candidacies_recommender_id"))
        batch_op.drop_index(batch_op.f("ix_candidacies_notice_id"))
        batch_op.drop_index(batch_op.f("ix_candidacies_host_id"))
        batch_op.drop_index(batch_op.f("ix_candidacies_applicant_id"))

    op.drop_table("candidacies")
    with op.batch_alter_table("appointment_reviews", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appointment_reviews_region"))
        batch_op.drop_index("ix_appointment_reviews_person_kind")

    op.drop_table("appointment_reviews")
    with op.batch_alter_table("suggestion_impressions", schema=None) as batch_op:
        batch_op.drop_index("ix_suggestion_impressions_person_id")
        batch_op.drop_index("ix_suggestion_impressions_day")

    op.drop_table("suggestion_impressions")
    op.drop_table("mentor_windows")
    op.drop_table("mentor_days_off")
    with op.batch_alter_table("match_round_needs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_round_needs_need_id"))

    op.drop_table("match_round_needs")
    with op.batch_alter_table("match_round_helpers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_round_helpers_person_id"))

    op.drop_table("match_round_helpers")
    with op.batch_alter_table("match_dismissals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_dismissals_person_id"))

    op.drop_table("match_dismissals")
    with op.batch_alter_table("investor_deals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_investor_deals_person_id"))

    op.drop_table("investor_deals")
    op.drop_table("envoy_relations")
    op.drop_table("digest_choices")
    with op.batch_alter_table("carrier_mentors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_carrier_mentors_person_id"))

    op.drop_table("carrier_mentors")
    op.drop_table("roster_feeds")
    with op.batch_alter_table("match_rounds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_rounds_region"))
        batch_op.drop_index(batch_op.f("ix_match_rounds_created_by_id"))

    op.drop_table("match_rounds")
    op.drop_table("text_vectors")
