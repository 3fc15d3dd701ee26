/**
 * @typedef {object} Piece of work
 * @property {number} cost in microseconds of CPU time
 * @property {() => void} done
 * @property {boolean} dropped nobody wants it any more, and it is not begun
 */

/** Pieces of work in the order in which they came. */
class Line {
  /** @type {Piece[]} */
  #pieces = [];
  #next = 0;

  /** @param {Piece} piece */
  push(piece) {
    this.#pieces.push(piece);
  }

  /** The next one that was not dropped. @returns {Piece | undefined} */
  take() {
    let piece = this.#pieces[this.#next++];
    while (piece?.dropped === true) piece = this.#pieces[this.#next++];
    if (piece === undefined) {
      this.#pieces = [];
      this.#next = 0;
    }
    return piece;
  }
}

/** Something that does one piece of work after the other: a process on its core, or Redis. */
export class Server {
  #agenda;
  #share;
  #later = new Line();
  #soon = new Line();
  #turn = false;
  #busy = false;
  /** How long it has worked, in microseconds of CPU time. */
  worked = 0;

  /**
   * @param {import("./agenda.mjs").Agenda} agenda
   * @param {number} share how much of its time is left by its usual work, from 0 to 1
   */
  constructor(agenda, share = 1) {
    this.#agenda = agenda;
    this.#share = share;
  }

  /**
   * @param {number} cost in microseconds of CPU time
   * @param {() => void} done
   * @param {boolean} [soon] in turn with all that is not to be done soon, not after it
   * @returns {Piece}
   */
  give(cost, done, soon = false) {
    const piece = { cost, done, dropped: false };
    (soon ? this.#soon : this.#later).push(piece);
    if (!this.#busy) this.#work();
    return piece;
  }

  #work() {
    // In turn, as an event loop comes by one socket after the other.
    this.#turn = !this.#turn;
    const [first, second] = this.#turn ? [this.#soon, this.#later] : [this.#later, this.#soon];
    const piece = first.take() ?? second.take();
    this.#busy = piece !== undefined;
    if (piece === undefined) return;
    const { cost, done } = piece;
    this.worked += cost;
    this.#agenda.put(this.#agenda.now + cost / this.#share, () => {
      done();
      this.#work();
    });
  }
}

/** How many commands Redis reads at once, 16 KiB: it does so many before it learns that nobody waits for them. */
export const READ_AT_ONCE = 64;

/** A command that is under way: where it is, and what becomes of it otherwise. @typedef {{ piece: Piece, lost: () => void }} Command */

/**
 * One process's connection to a Redis server. A command whose answer the process has not taken in time counts as
 * failed, and so does every other that is under way on the connection, for it is made anew.
 */
export class Link {
  #agenda;
  #server;
  #core;
  #timeout;
  #readAtOnce;
  /** In the order of asking. @type {Set<Command>} */
  #pending = new Set();

  /**
   * @param {import("./agenda.mjs").Agenda} agenda
   * @param {Server} server
   * @param {Server} core of the process
   * @param {number} timeout in microseconds
   * @param {number} readAtOnce how many commands are done though nobody waits for them any more
   */
  constructor(agenda, server, core, timeout, readAtOnce = READ_AT_ONCE) {
    this.#agenda = agenda;
    this.#server = server;
    this.#core = core;
    this.#timeout = timeout;
    this.#readAtOnce = readAtOnce;
  }

  /**
   * @param {number} cost in microseconds of the server's CPU time
   * @param {number} take what the process takes for the answer
   * @param {() => void} done
   * @param {() => void} lost it had no answer in time, or another one had none
   */
  ask(cost, take, done, lost) {
    const taken = () => {
      if (this.#pending.delete(command)) done();
    };
    const answered = () => {
      // The event loop comes by this one socket as often as by one of those who wait.
      if (this.#pending.has(command)) command.piece = this.#core.give(take, taken, true);
    };
    /** @type {Command} */
    const command = { piece: this.#server.give(cost, answered), lost };
    this.#pending.add(command);
    this.#agenda.put(this.#agenda.now + this.#timeout, () => {
      if (this.#pending.has(command)) this.#fail();
    });
  }

  #fail() {
    const pending = [...this.#pending];
    this.#pending.clear();
    for (const { piece } of pending.slice(this.#readAtOnce)) piece.dropped = true;
    for (const { lost } of pending) lost();
  }
}
