import { NOW, script } from "../script.js";

// The newest run of a key has three keys, in one slot. Its record is a hash: `attempt`, `channel`, `principal`, `note`; `state`,
// which is `gone` for one that is not to be remembered; `started` and `finished`, in milliseconds by the clock of the
// server; `events`; and `by`, who ended it. Its lease is a text that expires: the attempt that is held. That others listen
// is another one: the attempt that is watched.
//
// A record that is gone is only there for those who ask again because an answer was lost, or whose question was so late
// that another one was faster.

/** What each script begins with. A lease counts for nothing without its record. */
const KNOWN = `
local record, lease, watch = KEYS[1], KEYS[2], KEYS[3]
local function isHeld(attempt)
  return redis.call('GET', lease) == attempt and redis.call('HMGET', record, 'attempt')[1] == attempt
end
`;

/**
 * Finds a run.
 *
 * KEYS: record, lease, watch.
 * Answers nothing, or attempt, channel, principal, note, state, started, finished (empty while it runs), events, and 1
 * where it is held.
 */
export const FIND = script(`${KNOWN}
local run = redis.call('HMGET', record, 'attempt', 'channel', 'principal', 'note', 'state', 'started', 'finished', 'events')
if not run[1] or run[5] == 'gone' then return false end
run[9] = run[5] == 'running' and isHeld(run[1]) and 1 or 0
return run
`);

/**
 * Begins a run after another one that has ended.
 *
 * KEYS: record, lease, watch. ARGV: attempt, channel, principal, \`=\` and the attempt that it follows or nothing, for how
 * long it is held, for how long it is remembered while nobody ends it (both in milliseconds), note.
 * Answers 1 where it has begun, also where it had because it was asked before.
 */
export const CLAIM = script(`${KNOWN}
local known = redis.call('HMGET', record, 'attempt', 'state')
if known[1] == ARGV[1] then return known[2] == 'running' and isHeld(ARGV[1]) and 1 or 0 end
local newest = known[1] and known[2] ~= 'gone' and '=' .. known[1] or ''
if newest ~= ARGV[4] or known[2] == 'running' then return 0 end
${NOW}
-- Where a right is missing the script stops in the midst: the record comes last, without which nothing counts.
redis.call('SET', lease, ARGV[1], 'PX', ARGV[5])
redis.call('DEL', watch)
redis.call('HSET', record, 'attempt', ARGV[1], 'channel', ARGV[2], 'principal', ARGV[3], 'note', ARGV[7], 'state', 'running',
  'started', string.format('%.0f', now), 'finished', '', 'events', '0', 'by', '')
redis.call('PEXPIRE', record, ARGV[6])
return 1
`);

/**
 * Holds a run for another while.
 *
 * KEYS: record, lease, watch. ARGV: attempt, for how long it is held, for how long it is remembered while nobody ends it.
 * Answers nothing where it is not held, 1 where it is watched, and 0 where it is not.
 */
export const RENEW = script(`${KNOWN}
if not isHeld(ARGV[1]) then return false end
redis.call('PEXPIRE', lease, ARGV[2])
redis.call('PEXPIRE', record, ARGV[3])
return redis.call('GET', watch) == ARGV[1] and 1 or 0
`);

/**
 * Says for a while that others listen to a run.
 *
 * KEYS: record, lease, watch. ARGV: attempt, for how long.
 * Answers 1 where it is held.
 */
export const WATCH = script(`${KNOWN}
if not isHeld(ARGV[1]) then return 0 end
if redis.call('GET', watch) ~= ARGV[1] or redis.call('PTTL', watch) < tonumber(ARGV[2]) then
  redis.call('SET', watch, ARGV[1], 'PX', ARGV[2])
end
return 1
`);

/**
 * Ends a run.
 *
 * KEYS: record, lease, watch. ARGV: attempt, state, events, for how long it is remembered from now on (0 for not at all),
 * for how long a record that is gone is kept, and a text that nobody else has, of who asks.
 * Answers 1 where it was ended by that.
 */
export const FINISH = script(`${KNOWN}
local known = redis.call('HMGET', record, 'attempt', 'state', 'started', 'by')
if known[1] ~= ARGV[1] then return 0 end
if known[2] ~= 'running' then return known[4] == ARGV[6] and 1 or 0 end
${NOW}
if ARGV[4] == '0' then
  redis.call('HSET', record, 'state', 'gone', 'by', ARGV[6])
  redis.call('PEXPIRE', record, ARGV[5])
else
  local finished = string.format('%.0f', math.max(now, tonumber(known[3])))
  redis.call('HSET', record, 'state', ARGV[2], 'events', ARGV[3], 'finished', finished, 'by', ARGV[6])
  redis.call('PEXPIRE', record, ARGV[4])
end
redis.call('DEL', lease, watch)
return 1
`);
