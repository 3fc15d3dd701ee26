import { Body, Channels, Controller, Get, Param, Post, Query, Signal, Sse } from "@sluice/core";
import { z } from "zod";
import { Rooms, type RoomState } from "./rooms.service.js";

const Room = z.enum(["lock", "weir", "harbour"]);
const Name = z.string().trim().min(1).max(24);
const Message = z.object({ name: Name, text: z.string().trim().min(1).max(280) });

type RoomEvents = {
  message: z.infer<typeof Message> & { at: number };
  came: { name: string; here: string[]; at: number };
  left: { name: string; here: string[]; at: number };
  room: RoomState;
};

@Controller("rooms")
export class RoomsController {
  constructor(
    private readonly channels: Channels,
    private readonly rooms: Rooms,
  ) {}

  @Sse(":room", { retry: "2s" })
  join(
    @Param("room", Room) room: string,
    @Query("name", Name) name: string,
    @Signal() signal: AbortSignal,
  ) {
    const channel = this.#channel(room);
    this.rooms.enter(room, name, signal, async (event, here) => {
      await channel.publish({ event, data: { name, here, at: Date.now() } });
    });
    return channel.subscribe({
      last: 30,
      // Who can't be resumed is told what the room is like now.
      onResync: () => ({ event: "room", data: this.rooms.state(room) }),
    });
  }

  @Get(":room/people")
  people(@Param("room", Room) room: string) {
    return { here: this.rooms.state(room).here, listening: this.#channel(room).subscribers };
  }

  @Post(":room/messages")
  async say(@Param("room", Room) room: string, @Body(Message) said: z.infer<typeof Message>) {
    const message = { ...said, at: Date.now() };
    const { id, local } = await this.#channel(room).publish({ event: "message", data: message });
    this.rooms.remember(room, message);
    return { id, reached: local };
  }

  #channel(room: string) {
    return this.channels.get<RoomEvents>(`room:${room}`);
  }
}
