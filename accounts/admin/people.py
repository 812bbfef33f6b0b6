"""Accounts with their role, and the permissions of the groups behind the roles."""

from typing import Any, cast

from allauth.account import admin as allauth_admin  # noqa: F401  (registers what is unregistered below)
from allauth.account.models import EmailAddress
from allauth.mfa import admin as factor_admin  # noqa: F401  (likewise)
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.admin.filters import SimpleListFilter
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import people
from accounts.admin.audited import AuditedAdmin
from accounts.admin.lists import ListTools
from accounts.models import AuthorProfile, User
from accounts.names import refuse_address_as_name
from accounts.roles import Role, at_least, may, role_of
from core.refusals import Refusal

for model in (Group, EmailAddress, Authenticator):
    admin.site.unregister(model)


class RoleFilter(SimpleListFilter):
    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Role.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        value = self.value()
        if value == Role.READER:
            return queryset.exclude(groups__name__in=[role for role in Role if role != Role.READER])
        return queryset.filter(groups__name=value) if value in Role.values else queryset


def offer_roles(field: forms.Field, actor: User) -> None:
    """Offer those roles that `actor` may give."""
    assert isinstance(field, forms.ChoiceField)
    field.choices = [(role.value, role.label) for role in people.roles_to_give(actor)]


class SignsIn:
    """Refuses an address that another account has, confirmed or not, and a new username that looks like an address."""

    cleaned_data: dict[str, Any]
    changed_data: list[str]
    fields: dict[str, forms.Field]
    instance: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "username" in self.fields:
            self.fields["username"].help_text = "150 characters or fewer: letters, digits and . + - _ only."

    def clean_username(self) -> str:
        # Names given before keep working, and an account with one can still be saved.
        if "username" in self.changed_data:
            refuse_address_as_name(self.cleaned_data["username"])
        further = getattr(super(), "clean_username", None)
        return further() if further else self.cleaned_data["username"]

    def clean_email(self) -> str:
        email = (self.cleaned_data.get("email") or "").lower()
        taken = User.objects.filter(email__iexact=email) | User.objects.filter(emailaddress__email__iexact=email)
        if email and taken.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("Another account has this e-mail address.")
        return email


class PersonForm(SignsIn, UserChangeForm):
    """One account. The role and the open or closed account go through `accounts.people`, which may refuse."""

    actor: User
    role = forms.ChoiceField(choices=Role.choices, help_text="Each role may do what those before it may.")

    class Meta(UserChangeForm.Meta):  # type: ignore[misc]
        model = User
        fields = ("username", "first_name", "last_name", "email", "is_active")  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" not in self.fields:
            return
        current = role_of(self.instance)
        offer_roles(self.fields["role"], self.actor)
        self.fields["role"].initial = current.value
        if "is_active" in self.fields:
            self.fields["is_active"].help_text = "A closed account cannot sign in; its sessions end, its work stays."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        stored = User.objects.prefetch_related("groups").get(pk=self.instance.pk)
        try:
            # The rules are asked inside a transaction that is thrown away: what they would do happens in save_model.
            with transaction.atomic():
                if "role" in cleaned:
                    people.change_role(self.actor, stored, Role(cleaned["role"]))
                if stored.is_active and cleaned.get("is_active") is False:
                    people.deactivate(self.actor, User.objects.get(pk=stored.pk))
                transaction.set_rollback(True)
        except Refusal as refusal:
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.sentence)
        return cleaned


class NewPersonForm(SignsIn, AdminUserCreationForm):
    actor: User
    email = forms.EmailField(help_text="Counts as confirmed: you vouch for it.")
    role = forms.ChoiceField(choices=Role.choices, initial=Role.READER.value)

    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "email", "first_name", "last_name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            offer_roles(self.fields["role"], self.actor)


class ProfileInline(admin.StackedInline):
    """What readers see of an author. It exists for everybody who may write, so it is never added or removed here."""

    model = AuthorProfile
    extra = 0
    can_delete = False
    verbose_name = verbose_name_plural = "author profile"
    fields = ["slug", "bio", "avatar", "website", "linkedin_url", "links", "expertise"]
    raw_id_fields = ["avatar"]

    def view_on_site(self, profile: AuthorProfile) -> str:
        return profile.get_absolute_url()

    def has_add_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(User)
class PersonAdmin(AuditedAdmin, ListTools, UserAdmin):
    form = PersonForm
    add_form = NewPersonForm
    list_display = ["display_name", "username", "email", "role", "is_active", "last_login"]
    list_display_links = ["display_name"]
    list_filter = [RoleFilter, "is_active", "last_login"]
    search_fields = ["username", "first_name", "last_name", "email"]
    ordering = ["username"]
    date_hierarchy = None
    list_per_page = 50
    actions = None
    inlines = [ProfileInline]
    filter_horizontal = []
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "email"]}),
        ("Standing", {"fields": ["role", "is_active"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "email", "first_name", "last_name", "role"]}),
        ("Password", {"fields": ["usable_password", "password1", "password2"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="name", ordering="first_name")
    def display_name(self, user: User) -> str:
        return user.display_name

    @admin.display(description="role")
    def role(self, user: User) -> str:
        return role_of(user).label

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        return fields if obj is None or self.has_change_permission(request, obj) else [*fields, "role"]

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"actor": request.user})

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        return self.inlines if obj is not None and hasattr(obj, "author_profile") else []

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and not self._refused(people.refuse_touching, request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not self._refused(people.refuse_deleting, request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Profile and mails go with their person, although nobody may delete them by themselves.
        to_delete, counts, _, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, set(), protected

    @staticmethod
    def _refused(rule: Any, request: HttpRequest, obj: User | None) -> bool:
        if obj is None:
            return False
        try:
            rule(request.user, obj)
        except Refusal:
            return True
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        wanted_active, actor = obj.is_active, cast(User, request.user)
        if change:
            obj.is_active = User.objects.values_list("is_active", flat=True).get(pk=obj.pk)
        super().save_model(request, obj, form, change)
        if "role" in form.cleaned_data:
            people.change_role(actor, obj, Role(form.cleaned_data["role"]))
        if not change or "email" in form.changed_data:
            people.set_address(obj, obj.email)
        if wanted_active != obj.is_active:
            (people.reactivate if wanted_active else people.deactivate)(actor, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        # Groups follow the role; the form has none of its own, so nothing may be saved over them.
        for formset in formsets:
            self.save_formset(request, form, formset, change=change)


@admin.register(AuthorProfile)
class ProfileAdmin(AuditedAdmin, ListTools):
    """Author pages, for editors to keep in order; profiles come and go with their people."""

    list_display = ["name", "slug", "expertise", "updated_at"]
    list_select_related = ["user"]
    search_fields = ["slug", "bio", "expertise", "user__username", "user__first_name", "user__last_name"]
    readonly_fields = ["user"]
    raw_id_fields = ["avatar"]
    fields = ["user", "slug", "bio", "avatar", "website", "linkedin_url", "links", "expertise"]
    actions = None

    def view_on_site(self, profile: AuthorProfile) -> str:
        return profile.get_absolute_url()

    @admin.display(description="name", ordering="user__first_name")
    def name(self, profile: AuthorProfile) -> str:
        return profile.user.display_name

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuthorProfile | None = None) -> bool:
        return False


@admin.register(Group)
class RoleGroupAdmin(AuditedAdmin, ListTools, GroupAdmin):
    """What each role may do, to edit while the publication runs; `sync_roles` brings the declared state back."""

    list_display = ["name", "permission_count"]
    ordering = ["id"]
    search_fields = ["name"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).prefetch_related("permissions")

    @admin.display(description="permissions")
    def permission_count(self, group: Group) -> int:
        return len(group.permissions.all())

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> list[str]:
        return ["name"] if obj and obj.name in Role.values else []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return at_least(request.user, Role.ADMINISTRATOR) and may(request.user, "auth.change_group")
