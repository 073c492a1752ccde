"""Addresses of the buyer's pages and the sales desk. An assessment's token is its private link."""

from django.urls import path

from engagements import (
    colleague_views,
    continuing_views,
    desk_views,
    details_views,
    handover_views,
    links_views,
    published_views,
    result_views,
    views,
)

app_name = "engagements"

urlpatterns = [
    path("", published_views.home, name="home"),
    path("emergency/", published_views.emergencies, name="emergencies"),
    path("playbooks/<slug:key>/", published_views.playbook, name="playbook"),
    path("playbooks/<slug:key>/engagements/", published_views.engagements, name="engagements"),
    path("playbooks/<slug:key>/emergency/", published_views.emergency, name="emergency"),
    path("playbooks/<slug:key>/start/", views.start, name="start"),
    path("a/<slug:token>/", views.resume, name="resume"),
    path("a/<slug:token>/questions/<slug:key>/", views.question, name="question"),
    path("a/<slug:token>/so-far/", views.so_far, name="so-far"),
    path("a/<slug:token>/check/", views.check, name="check"),
    path("a/<slug:token>/emergency/", views.respond, name="respond"),
    path("a/<slug:token>/recommendation/", views.recommendation, name="recommendation"),
    path("a/<slug:token>/scope/<slug:key>/", details_views.scope, name="scope"),
    path("a/<slug:token>/contact/", details_views.contact, name="contact"),
    path("a/<slug:token>/links/", links_views.links, name="links"),
    path("a/<slug:token>/links/renewal/", links_views.renewal, name="renewal"),
    path("a/<slug:token>/brief.pdf", views.brief, name="brief"),
    path("a/<slug:token>/ask/", colleague_views.ask, name="ask"),
    path("c/<slug:token>/", colleague_views.colleague, name="colleague"),
    path("c/<slug:token>/sent/", colleague_views.sent, name="colleague-sent"),
    path("a/<slug:token>/handover/", handover_views.handover, name="handover"),
    path("a/<slug:token>/handover/<slug:key>/", handover_views.checklist, name="checklist"),
    path("a/<slug:token>/handover-pack.pdf", handover_views.handover_pack, name="handover-pack"),
    path(
        "a/<slug:token>/operations-manual.pdf",
        handover_views.operations_manual,
        name="operations-manual",
    ),
    path("a/<slug:token>/continue/<slug:key>/", continuing_views.go_on, name="continue"),
    path("r/<slug:token>/", result_views.reading, name="reading"),
    path("r/<slug:token>/brief.pdf", result_views.reading_brief, name="reading-brief"),
    path("desk/", desk_views.desk, name="desk"),
    path("desk/reviewed-briefs.csv", desk_views.desk_csv, name="desk-csv"),
    path("desk/briefs/<int:pk>.pdf", desk_views.desk_brief, name="desk-brief"),
    path("desk/handover-packs/<int:pk>.pdf", desk_views.desk_pack, name="desk-pack"),
]
