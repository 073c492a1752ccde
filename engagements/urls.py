"""Addresses of the buyer's pages and the sales desk. An assessment's token is its private link."""

from django.urls import path

from engagements import desk, views

app_name = "engagements"

urlpatterns = [
    path("", views.home, name="home"),
    path("playbooks/<slug:key>/", views.playbook, name="playbook"),
    path("playbooks/<slug:key>/engagements/", views.engagements, name="engagements"),
    path("playbooks/<slug:key>/emergency/", views.emergency, name="emergency"),
    path("playbooks/<slug:key>/start/", views.start, name="start"),
    path("a/<slug:token>/", views.resume, name="resume"),
    path("a/<slug:token>/questions/<slug:key>/", views.question, name="question"),
    path("a/<slug:token>/check/", views.check, name="check"),
    path("a/<slug:token>/emergency/", views.respond, name="respond"),
    path("a/<slug:token>/recommendation/", views.recommendation, name="recommendation"),
    path("a/<slug:token>/scope/<slug:key>/", views.scope, name="scope"),
    path("a/<slug:token>/contact/", views.contact, name="contact"),
    path("a/<slug:token>/brief.pdf", views.brief, name="brief"),
    path("desk/", desk.desk, name="desk"),
    path("desk/reviewed-briefs.csv", desk.desk_csv, name="desk-csv"),
    path("desk/briefs/<int:pk>.pdf", desk.desk_brief, name="desk-brief"),
]
