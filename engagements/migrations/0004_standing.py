"""Work out where the assessments stand that were there before their rows told it.

It runs the rules of today; where they advise otherwise than was issued, the buyer is asked again.
"""

from django.db import migrations

from advisor.loading import PlaybookError, from_document
from advisor.rules import Recommendation, compile_playbook, recommend
from catalog import triggers


def fill_in(apps, schema_editor):
    triggers.drop(schema_editor.connection)  # `migrate` makes them anew at its end
    using = schema_editor.connection.alias
    fill_in_scores(apps, using)
    for version in apps.get_model("catalog", "PlaybookVersion").objects.using(using).iterator():
        fill_in_states(apps, using, version)


def fill_in_scores(apps, using):
    recommendations = apps.get_model("engagements", "Recommendation").objects.using(using)
    unscored = recommendations.filter(score=None).exclude(engagement="").only("document")
    for row in unscored.iterator(chunk_size=500):
        first = row.document["steps"][0]["engagement"]
        scores = {told["engagement"]: told["score"] for told in row.document["scores"]}
        recommendations.filter(pk=row.pk).update(score=scores.get(first))


def fill_in_states(apps, using, version):
    """As `engagements.assessing.refresh` does. With a review in force there is nothing to do."""
    assessments = apps.get_model("engagements", "Assessment").objects.using(using)
    told_nothing = assessments.filter(
        version_id=version.pk, state="answering", settled=False, recommendation=None
    )
    if not told_nothing.exists():
        return
    try:
        rulebook = compile_playbook(from_document(version.document), version.hash)
    except PlaybookError:  # nobody could run it before, either
        return
    answered = told_nothing.prefetch_related("answer_set")
    for row in answered.iterator(chunk_size=500):
        answers = {answer.question: tuple(answer.values) for answer in row.answer_set.all()}
        now = recommend(rulebook, answers)
        latest = row.recommendations.order_by("-number").first()
        issued = Recommendation.model_validate(latest.document) if latest else None
        stands = issued is not None and issued.advises_as(now)
        assessments.filter(pk=row.pk).update(
            settled=now.settled,
            recommendation=latest if stands else None,
            state="waiting" if stands else "answering",
        )


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0002_drafts"),
        ("engagements", "0003_groups"),
    ]

    operations = [
        migrations.RunPython(fill_in, migrations.RunPython.noop, elidable=True),
    ]
