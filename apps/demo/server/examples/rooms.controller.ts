import { Body, Controller, Get, Param, Post, Query, Signal, Sse } from "@sluice/core";
import { z } from "zod";
import { Rooms } from "./rooms.service.js";

const Room = z.enum(["lock", "weir", "harbour"]);
const Name = z.string().trim().min(1).max(24);
const Message = z.object({ name: Name, text: z.string().trim().min(1).max(280) });

@Controller("rooms")
export class RoomsController {
  constructor(private readonly rooms: Rooms) {}

  @Sse(":room", { retry: "2s" })
  join(
    @Param("room", Room) room: string,
    @Query("name", Name) name: string,
    @Signal() signal: AbortSignal,
  ) {
    this.rooms.enter(room, name, signal);
    return this.rooms.channel(room).subscribe({
      last: 30,
      // Who can't be resumed is told what the room is like now.
      onResync: async () => ({ event: "room", data: await this.rooms.state(room) }),
    });
  }

  @Get(":room/people")
  async people(@Param("room", Room) room: string) {
    // On all nodes, where there are several.
    const listening = await this.rooms.channel(room).countEverywhere();
    return { here: this.rooms.here(room), listening };
  }

  @Post(":room/messages")
  async say(@Param("room", Room) room: string, @Body(Message) said: z.infer<typeof Message>) {
    const { id, local } = await this.rooms.say(room, { ...said, at: Date.now() });
    return { id, reached: local };
  }
}
