"""Templates of answers (MS6): one's own and those that all share."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from gateways.desk.api.acting import Wish, act, write_row
from gateways.desk.api.desk import Desk
from gateways.desk.api.shown import Page, Written
from shared.contract.commands import DeleteTemplate, PutTemplate
from shared.http.route import SESSION, Call, Input, Reply, Route, Routes


class OneTemplate(Input):
    template_id: UUID


class Template(Wish):
    shared: bool = Field(description="everybody's, by the right `templates.manage`; else one's own")
    category: str = Field(default="", max_length=100)
    title: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=4000)
    hotkey: str | None = Field(default=None, pattern=r"^[1-9]$", description="Alt and this digit write it")


class TemplatesNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        one = "/templates/{template_id}"
        return (
            Route(
                "GET", "/templates", "templates", SESSION, returns=Page, handler=self.templates,
                summary="My templates, then the shared ones, by category and title",
            ),
            write_row(
                one, "put_template", SESSION, Template, self.put, "Add a template or change it",
                method="PUT", params=OneTemplate,
            ),
            write_row(
                f"{one}/delete", "delete_template", SESSION, Wish, self.delete, "Delete a template",
                params=OneTemplate,
            ),
        )  # fmt: skip

    async def templates(self, call: Call[None, None]) -> Page:
        return await self._desk.read(call, "/v1/templates", Page)

    async def put(self, call: Call[OneTemplate, Template]) -> Reply[Written]:
        id_ = call.params.template_id
        said = call.body.model_dump(exclude={"id"})
        return await act(
            self._desk, call, lambda common: PutTemplate(**common, template_id=id_, **said),
            subject=f"template:{id_}", entity="template", entity_id=str(id_),
        )  # fmt: skip

    async def delete(self, call: Call[OneTemplate, Wish]) -> Reply[Written]:
        id_ = call.params.template_id
        return await act(
            self._desk, call, lambda common: DeleteTemplate(**common, template_id=id_),
            subject=f"template:{id_}", entity="template", entity_id=str(id_),
        )  # fmt: skip
