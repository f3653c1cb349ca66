"""This site, which is told from others that use the same account, index or bucket."""

from secrets import token_hex

from django.db import models


class SiteManager(models.Manager["Site"]):
    def here(self) -> "Site":
        """The one row; the migration makes it."""
        site, _ = self.get_or_create(only=True, defaults={"mark": token_hex(4)})
        return site


class Site(models.Model):
    """The only row of its table. What this site makes at vendors carries its mark.

    So sites that share something see each their own, and `reconcile --repair` can remove nothing
    of another one's. A copy of the database has the same mark: that is what `home` is for.
    """

    only = models.BooleanField(primary_key=True, default=True)
    mark = models.CharField(max_length=8, help_text="Eight hexadecimal digits, by chance.")
    home = models.URLField(
        blank=True, help_text="PUBLIC_URL of the site whose orphans may be removed."
    )

    objects = SiteManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(only=True), name="one_site_only")]

    def __str__(self) -> str:
        return self.mark


def site_mark() -> str:
    """In the names of all that this site keeps at vendors and in its storage."""
    return Site.objects.here().mark
