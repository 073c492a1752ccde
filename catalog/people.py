"""What people who work with the product are called."""

from django.contrib.auth.models import AbstractBaseUser


def name_of(user: AbstractBaseUser) -> str:
    """Return the full name of a user or, where there is none, what they sign in with."""
    return user.get_full_name() or user.get_username()
