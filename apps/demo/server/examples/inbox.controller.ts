import { Body, Channels, Controller, Param, Post, Req, Sse, UseGuards } from "@sluice/core";
import { z } from "zod";
import { Neighbours } from "../nodes/neighbours.js";
import { SignedIn, type SignedInRequest } from "./guards.js";

const Recipient = z.enum(["Ada", "Grace", "everyone"]);
const Note = z.object({ title: z.string().trim().min(1).max(120) });

type Events = {
  note: { title: string; from: string; to: string; at: number };
  summary: { sent: Record<string, number>; at: number; node?: string };
};

@Controller("inbox")
@UseGuards(SignedIn)
export class InboxController {
  /** Through this process. */
  readonly #sent = { Ada: 0, Grace: 0, everyone: 0 };

  constructor(
    private readonly channels: Channels,
    private readonly neighbours: Neighbours,
  ) {}

  /** The user's own channel and the common one, on one connection and with one cursor. */
  @Sse(undefined, { retry: "2s" })
  open(@Req() { user }: SignedInRequest) {
    return this.channels
      .merge(this.#channel(user.name), this.#channel("everyone"))
      .subscribe({ last: 5, onResync: () => ({ event: "summary", data: this.#summary() }) });
  }

  @Post(":to")
  async send(
    @Param("to", Recipient) to: z.infer<typeof Recipient>,
    @Body(Note) { title }: z.infer<typeof Note>,
    @Req() { user }: SignedInRequest,
  ) {
    const data = { title, from: user.name, to, at: Date.now() };
    const { id, local } = await this.#channel(to).publish({ event: "note", data });
    this.#sent[to]++;
    return { id, reached: local };
  }

  #channel(of: string) {
    return this.channels.get<Events>(`inbox:${of}`);
  }

  #summary() {
    const { name } = this.neighbours;
    return { sent: { ...this.#sent }, at: Date.now(), ...(name !== undefined && { node: name }) };
  }
}
