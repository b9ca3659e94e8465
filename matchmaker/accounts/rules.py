"""Roles, permissions and the one matrix between them; passwords, names and contact addresses as they must be."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from matchmaker.core import folding
from matchmaker.core.errors import DomainError
from matchmaker.core.labels import Labelled


class Role(Labelled):
    """What a person is on this platform; one person may hold several."""

    INDIVIDUAL = "individual", "个人或团队"
    MEMBER = "member", "单位成员"
    MENTOR = "mentor", "创业导师"
    ENVOY = "envoy", "科技特派员"
    RESEARCHER = "researcher", "研究人员"
    INVESTOR = "investor", "投资人"
    JUDGE = "judge", "评委"
    INCUBATOR_MANAGER = "incubator_manager", "载体管理员"
    ORGANISER = "organiser", "活动与大赛组织者"
    HANDLER = "handler", "科技局经办"
    APPROVER = "approver", "科技局审批"
    DEPARTMENT = "department", "成员单位"
    LEADER = "leader", "领导"
    AUDITOR = "auditor", "审计"
    ADMINISTRATOR = "administrator", "系统管理员"


STAFF = frozenset(
    {Role.ORGANISER, Role.HANDLER, Role.APPROVER, Role.DEPARTMENT, Role.LEADER, Role.AUDITOR, Role.ADMINISTRATOR}
)
HELPERS = frozenset({Role.MENTOR, Role.ENVOY, Role.RESEARCHER, Role.INVESTOR})
# Who may be given only by an administrator; the others follow from an appointment, a membership or a sign-up.
GRANTED_BY_HAND = STAFF | {Role.INCUBATOR_MANAGER, Role.JUDGE}


class MembershipLevel(Labelled):
    """A person's place in an organisation."""

    OWNER = "owner", "负责人"
    STAFF = "staff", "工作人员"


class RequestState(Labelled):
    """How far a request to join or to be deleted has come."""

    WAITING = "waiting", "待处理", "wait"
    ACCEPTED = "accepted", "已同意", "good"
    DECLINED = "declined", "未同意", "neutral"
    WITHDRAWN = "withdrawn", "已撤回", "neutral"


class Outcome(Labelled):
    """What became of a try to sign in."""

    SIGNED_IN = "signed_in", "成功", "good"
    SECOND_FACTOR = "second_factor", "待两步验证", "wait"
    FAILED = "failed", "失败", "warn"
    LOCKED = "locked", "因次数太多被拒", "bad"


class Purpose(StrEnum):
    """What a one-time code opens."""

    SIGN_UP = "sign_up"
    RESET = "reset"
    ADDRESS = "address"
    SIGN_ON = "sign_on"
    VOTE = "vote"


class Permission(StrEnum):
    """Every kind of thing that not everybody may do."""

    ORGANISATION_OWN = "directory:organisation:own"
    DIRECTORY_READ = "directory:record:read"
    DIRECTORY_EDIT = "directory:record:edit"
    DIRECTORY_IMPORT = "directory:record:import"
    EVENTS_REGISTER = "events:registration:own"
    EVENTS_MANAGE = "events:event:manage"
    EVENTS_READ = "events:event:read"
    EVENTS_OVERBOOK = "events:event:overbook"
    NEEDS_OWN = "matching:need:own"
    NEEDS_HANDLE = "matching:need:handle"
    NEEDS_MEASURE = "matching:need:measure"
    RANKING_DECIDE = "matching:ranking:decide"
    REQUESTS_ANSWER = "matching:request:answer"
    ROSTERS_READ = "rosters:appointment:read"
    ROSTERS_MANAGE = "rosters:appointment:manage"
    ROSTERS_OWN = "rosters:profile:own"
    ENTRIES_OWN = "competition:entry:own"
    CONTESTS_MANAGE = "competition:contest:manage"
    BALLOTS_OWN = "competition:ballot:own"
    CONTESTS_DECIDE = "competition:result:decide"
    NOTICES_MANAGE = "publicity:notice:manage"
    NOTICES_DECIDE = "publicity:notice:decide"
    OBJECTIONS_HANDLE = "publicity:objection:handle"
    CALENDAR_EDIT = "publicity:calendar:edit"
    TENANCY_OWN = "incubation:tenancy:own"
    TENANCY_MANAGE = "incubation:tenancy:manage"
    TENANCY_OVERSEE = "incubation:tenancy:oversee"
    CARRIERS_MANAGE = "incubation:carrier:manage"
    ALLIANCES_OWN = "alliances:alliance:own"
    ALLIANCES_MANAGE = "alliances:alliance:manage"
    TARGETS_READ = "monitoring:target:read"
    TARGETS_MANAGE = "monitoring:target:manage"
    YEARS_CLOSE = "monitoring:year:close"
    ACCOUNTS_MANAGE = "accounts:user:manage"
    LOG_READ = "accounts:log:read"
    JOBS_RUN = "system:job:run"
    JOBS_READ = "system:job:read"


P = Permission
_ENTERPRISE = {P.EVENTS_REGISTER, P.NEEDS_OWN, P.ENTRIES_OWN, P.TENANCY_OWN}
_HELPER = {P.EVENTS_REGISTER, P.REQUESTS_ANSWER, P.ROSTERS_OWN}
_READS = {P.DIRECTORY_READ, P.EVENTS_READ, P.ROSTERS_READ, P.TARGETS_READ}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.INDIVIDUAL: frozenset(_ENTERPRISE),
    Role.MEMBER: frozenset(_ENTERPRISE | {P.ORGANISATION_OWN, P.ALLIANCES_OWN}),
    Role.MENTOR: frozenset(_HELPER),
    Role.ENVOY: frozenset(_HELPER),
    Role.RESEARCHER: frozenset(_HELPER),
    Role.INVESTOR: frozenset(_HELPER),
    Role.JUDGE: frozenset({P.BALLOTS_OWN}),
    Role.INCUBATOR_MANAGER: frozenset({P.TENANCY_MANAGE, P.EVENTS_REGISTER}),
    Role.ORGANISER: frozenset(
        {P.EVENTS_MANAGE, P.EVENTS_READ, P.EVENTS_OVERBOOK, P.CONTESTS_MANAGE, P.NOTICES_MANAGE, P.DIRECTORY_READ}
    ),
    Role.HANDLER: frozenset(
        _READS
        | {P.DIRECTORY_EDIT, P.DIRECTORY_IMPORT, P.NEEDS_HANDLE, P.ROSTERS_MANAGE, P.NOTICES_MANAGE}
        | {P.OBJECTIONS_HANDLE, P.NEEDS_MEASURE}
        | {P.TENANCY_OVERSEE, P.CARRIERS_MANAGE, P.ALLIANCES_MANAGE, P.TARGETS_MANAGE}
    ),
    Role.APPROVER: frozenset(
        _READS
        | {P.NOTICES_DECIDE, P.OBJECTIONS_HANDLE, P.CONTESTS_DECIDE, P.YEARS_CLOSE, P.TENANCY_OVERSEE}
        | {P.NEEDS_MEASURE, P.RANKING_DECIDE}
    ),
    Role.DEPARTMENT: frozenset({P.DIRECTORY_READ, P.TARGETS_READ}),
    Role.LEADER: frozenset({P.TARGETS_READ, P.NEEDS_MEASURE}),
    Role.AUDITOR: frozenset({P.DIRECTORY_READ, P.EVENTS_READ, P.ROSTERS_READ, P.TARGETS_READ, P.LOG_READ, P.JOBS_READ}),
    Role.ADMINISTRATOR: frozenset({P.ACCOUNTS_MANAGE, P.CALENDAR_EDIT, P.LOG_READ, P.JOBS_RUN, P.JOBS_READ}),
}


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """The union of what the roles may do."""
    return frozenset().union(*(GRANTS[role] for role in roles))


# What an API token's scopes are called on the page.
TITLES: dict[Permission, str] = {
    P.ORGANISATION_OWN: "维护本单位资料",
    P.DIRECTORY_READ: "查看主体库",
    P.DIRECTORY_EDIT: "维护主体库",
    P.DIRECTORY_IMPORT: "导入主体库",
    P.EVENTS_REGISTER: "报名活动",
    P.EVENTS_MANAGE: "组织活动",
    P.EVENTS_READ: "查看活动报名",
    P.EVENTS_OVERBOOK: "超额接收",
    P.NEEDS_OWN: "提出需求",
    P.NEEDS_HANDLE: "处理需求",
    P.NEEDS_MEASURE: "查看对接成效",
    P.RANKING_DECIDE: "切换推荐权重",
    P.REQUESTS_ANSWER: "答复对接请求",
    P.ROSTERS_READ: "查看导师与特派员",
    P.ROSTERS_MANAGE: "管理导师与特派员",
    P.ROSTERS_OWN: "维护本人档案",
    P.ENTRIES_OWN: "参加大赛",
    P.CONTESTS_MANAGE: "组织大赛",
    P.BALLOTS_OWN: "评审打分",
    P.CONTESTS_DECIDE: "审定大赛结果",
    P.NOTICES_MANAGE: "拟制公示",
    P.NOTICES_DECIDE: "审批公示",
    P.OBJECTIONS_HANDLE: "处理异议",
    P.CALENDAR_EDIT: "发布工作日安排",
    P.TENANCY_OWN: "申请入驻",
    P.TENANCY_MANAGE: "管理入驻企业",
    P.TENANCY_OVERSEE: "监管孵化载体",
    P.CARRIERS_MANAGE: "管理孵化载体",
    P.ALLIANCES_OWN: "参加产学研联盟",
    P.ALLIANCES_MANAGE: "管理产学研联盟",
    P.TARGETS_READ: "查看指标",
    P.TARGETS_MANAGE: "填报指标",
    P.YEARS_CLOSE: "年度封存",
    P.ACCOUNTS_MANAGE: "管理账号",
    P.LOG_READ: "查看操作记录",
    P.JOBS_RUN: "运行定时任务",
    P.JOBS_READ: "查看定时任务",
}


COMMON_PASSWORDS = frozenset(
    [
        "password",
        "12345678",
        "123456789",
        "1234567890",
        "qwertyuiop",
        "88888888",
        "11111111",
        "00000000",
        "66666666",
        "password1",
        "iloveyou",
        "1qaz2wsx",
        "woaini1314",
        "5201314520",
        "147258369",
        "987654321",
        "11223344",
        "abcd1234",
        "a1234567",
        "qwer1234",
        "1q2w3e4r",
        "admin123",
    ]
)
SHORTEST_PASSWORD = 10


def check_name(name: str, *, field: str = "name") -> str:
    """A person's name: 1 to 50 signs, no address in it."""
    name = folding.clean_text(name).replace("\n", " ")
    if not name:
        raise DomainError("请填写姓名", field=field)
    if len(name) > 50:
        raise DomainError("姓名最多 50 个字", field=field)
    if "://" in name or "www." in name.lower():
        raise DomainError("姓名里不能有网址", field=field)
    return name


def check_password(password: str, *, name: str = "", address: str = "") -> None:
    """Refuse short, common and self-naming passwords; no rule on kinds of characters (ASVS 6.2)."""
    if len(password) < SHORTEST_PASSWORD:
        raise DomainError("密码至少 {n} 个字符，可以用一句话", field="password", n=SHORTEST_PASSWORD)
    if len(password) > 128:
        raise DomainError("密码最多 128 个字符", field="password")
    lowered = password.lower()
    if lowered in COMMON_PASSWORDS or len(set(lowered)) < 4:
        raise DomainError("这个密码太常见，请换一个别人猜不到的", field="password")
    local = address.split("@")[0].lower()
    if (len(local) > 3 and local in lowered) or (len(name) > 1 and name in password):
        raise DomainError("密码里不要包含自己的姓名或邮箱", field="password")


def fold_identifier(text: str) -> str:
    """A mail address in lower case, else the digits of a mainland number without its country code."""
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    if "@" in folded:
        return folded[:254]
    number = folding.digits(folded)
    return number[2:] if len(number) == 13 and number.startswith("86") else number[:20]


CHINA = ZoneInfo("Asia/Shanghai")
MOBILE = re.compile(r"1[3-9]\d{9}")


def check_mobile(text: str, *, field: str = "phone") -> str:
    """A mainland mobile number of 11 digits, already folded to digits; +86 dropped."""
    number = text.removeprefix("+86").removeprefix("0086")
    if not MOBILE.fullmatch(number):
        raise DomainError("手机号应为 11 位数字，以 1 开头", field=field)
    return number


def check_address(text: str, *, field: str = "identifier") -> tuple[str, bool]:
    """A mail address or a mobile number in its stored form, and whether it is a mail address."""
    folded = fold_identifier(text)
    if "@" in folded:
        return check_mail(folded, field=field), True
    return check_mobile(folded, field=field), False


def check_grant(role: Role, *, region: str | None, ends: date | None, today: date) -> None:
    """Refuse what an administrator cannot grant: roles that follow from other records, and terms already over."""
    if role not in GRANTED_BY_HAND | HELPERS:
        raise DomainError("这个身份由入驻单位或聘任产生，不能手工授予", field="role")
    if role in STAFF and region is None:
        raise DomainError("工作人员身份需要指定行政区划", field="region")
    if ends is not None and ends < today:
        raise DomainError("截止日期已过，请填写今天或以后的日期", field="ends")


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The first moment of a day in Beijing, and the first after it."""
    start = datetime.combine(day, time(), CHINA)
    return start, start + timedelta(days=1)


_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check_id_number(text: str, *, today: date, field: str = "id_number") -> str:
    """A resident id number of 18 signs (GB 11643): birth date and check character must fit."""
    number = unicodedata.normalize("NFKC", text).replace(" ", "").replace("-", "").upper()
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", number, re.ASCII):
        raise DomainError("身份证号应为 18 位，最后一位可以是 X", field=field)
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise DomainError("身份证号里的出生日期不对，请核对", field=field) from None
    if not date(1900, 1, 1) <= born <= today:
        raise DomainError("身份证号里的出生日期不对，请核对", field=field)
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    if "10X98765432"[total % 11] != number[-1]:
        raise DomainError("身份证号的校验位不对，请核对是否抄错", field=field)
    return number


def check_mail(text: str, *, field: str = "email") -> str:
    """A mail address in its folded form. The library judges the shape; no look-up is made."""
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise DomainError("邮箱地址格式不对，请检查后重填", field=field) from None


_BROWSERS = (  # the first mark found wins: most browsers name others, too
    ("MicroMessenger/", "微信"),
    ("DingTalk/", "钉钉"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def device_of(agent: str) -> str:
    """What a browser calls itself, in the words of people; what is unknown stays as it is, cut short."""
    found = [next((name for mark, name in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name) or agent[:60]
