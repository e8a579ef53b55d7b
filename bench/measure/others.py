"""Every endpoint by or about a person that is not measured at length.

Left out are those that check or make a password, which is what they cost.
"""

from __future__ import annotations

from bench.measure.account import (
    Introspection,
    LoggedInApps,
    LoginHistory,
    Revocation,
    SecurityInfo,
    UpdateProfile,
    UserInfo,
)
from bench.measure.operations import Operation
from bench.measure.proving import (
    DeleteAccount,
    PreCheckCode,
    SignUpByCode,
    UnbindEmail,
    UpdateEmailGranted,
    VerifyDeleteAccount,
    VerifyResetPassword,
    VerifyUpdateEmail,
)

OTHERS: tuple[type[Operation], ...] = (
    PreCheckCode, UnbindEmail, VerifyUpdateEmail, UpdateEmailGranted, VerifyResetPassword,
    UpdateProfile, SecurityInfo, LoginHistory, LoggedInApps, VerifyDeleteAccount, DeleteAccount,
    SignUpByCode, Introspection, Revocation, UserInfo,
)  # fmt: skip
