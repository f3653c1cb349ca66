"""The forms of the pages. They check what was typed; `operations` checks what it means."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile

from experts.languages import LANGUAGES
from experts.models import Conversation, SourceFile
from experts.operations import Refused
from experts.operations.voices import is_spoken, voices_to_choose
from experts.providers.base import Voice

if TYPE_CHECKING:
    ExpertFilesField = forms.ModelMultipleChoiceField[SourceFile]
else:
    ExpertFilesField = forms.ModelMultipleChoiceField

NO_VOICES = "The other voices cannot be listed at the moment. You can choose one later."
NO_FILES = "Choose at least one file, or upload a new one."


class SignupForm(UserCreationForm[User]):
    """A new account; the email address is for those who want to be reached."""

    email = forms.EmailField(required=False)

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "email")


class ProfileForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("username", "email")
        help_texts = {"username": ""}  # noqa: RUF012  (Django's own way of writing it)


class ConversationForm(forms.ModelForm[Conversation]):
    class Meta:
        model = Conversation
        fields = ("title",)
        error_messages = {  # noqa: RUF012  (Django's own way of writing it)
            "title": {"required": "Give the conversation a title."}
        }


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of uploads, as a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [file for file in data or [] if isinstance(file, UploadedFile)]


class SelectionForm(forms.Form):
    """Files of the person's library; `new_files` are in it already when the form is bound."""

    selected_files = ExpertFilesField(
        SourceFile.objects.none(), error_messages={"required": NO_FILES}, label="Files"
    )
    new_files = ManyFilesField(required=False, label="New files")

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        files = self.fields["selected_files"]
        assert isinstance(files, forms.ModelMultipleChoiceField)
        files.queryset = SourceFile.objects.visible_to(owner)


class CharacterForm(forms.Form):
    """What an expert is: its name, how it speaks, its face."""

    name = forms.CharField(
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give the expert a name."},
    )
    description = forms.CharField(
        max_length=1000, required=False, help_text="One line that tells you what it knows."
    )
    persona = forms.CharField(
        max_length=8000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Who it is and how it speaks, such as “A patient tax adviser who is brief.”",
    )
    first_message = forms.CharField(
        max_length=1000, required=False, help_text="What it says before you ask anything."
    )
    language = forms.ChoiceField(choices=LANGUAGES, initial="en")
    voice_id = forms.CharField(
        max_length=64, required=False, widget=forms.Select, label="Voice"
    )  # not one of a list: the vendor may be down when the form is sent
    avatar = forms.FileField(
        required=False,
        label="Picture",
        widget=forms.FileInput(attrs={"accept": "image/*", "data-preview": "avatar-preview"}),
        help_text="JPEG, PNG, WebP or GIF. It is cropped to a square.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_spoken():
            voice: Any = self.fields["voice_id"]
            listed = voices_to_choose()
            voice.help_text = "" if listed else NO_VOICES
            voice.widget.choices = voice_choices(listed, now=self["voice_id"].value() or "")
        else:
            del self.fields["voice_id"]


class EditExpertForm(CharacterForm):
    remove_avatar = forms.BooleanField(required=False, label="Remove the picture")


def voice_choices(voices: Iterable[Voice], *, now: str) -> list[tuple[str, str]]:
    """The vendor's voices, and the one that was chosen where it is not listed now."""
    listed = [(voice.voice_id, voice.name) for voice in voices]
    unlisted = [] if not now or now in dict(listed) else [(now, "As it is now")]
    return [("", "Default voice"), *unlisted, *listed]


class NewExpertForm(CharacterForm, SelectionForm):
    """A new expert. Its key makes a form that is sent twice create one expert."""

    idempotency_key = forms.CharField(
        max_length=64, widget=forms.HiddenInput, initial=lambda: uuid4().hex
    )


def show_refusal(form: forms.Form, refusal: Refused) -> None:
    """Put a refusal's sentences next to the fields they are about, else on top."""
    for field, message in (refusal.fields or {"": refusal.message}).items():
        form.add_error(field if field in form.fields else None, message)
