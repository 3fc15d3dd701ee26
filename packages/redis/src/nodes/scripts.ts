import { NOW, script } from "../script.js";

// Revocations have four keys, in one slot. The head is a hash: `epoch`, made when it was made; `last`, the number of the
// newest revocation; `tail`, its id. The log is a stream whose ids are those numbers, and its entries have `p`, the id of
// the revocation before it, `id`, `at`, `until` (in milliseconds, by this server's clock) and `text`, the rest as JSON.
// `until` of each is kept in a sorted set, and its number in a hash, both by its id.
//
// Numbers have no gaps, so that who reads knows whether anything was removed before it was read; and each entry names
// the one before it, so that who has read it knows when the history is another one: that of a replica which was behind
// when it became the master counts on with numbers that were given before.

/**
 * Stores a revocation and tells that there is one. One that is stored already is left as it is.
 *
 * KEYS: head, log, untils, numbers. ARGV: pub/sub channel, an epoch for a new history, id, text, at, until (both empty
 * for now and `lasts` later), lasts, how many may be in force, how long those are kept that are over, and how long at
 * least.
 *
 * Answers at, until and the time, or nothing where there are too many.
 */
export const REVOKE = script(`${NOW}
local head, log, untils, numbers = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, max = ARGV[3], tonumber(ARGV[8])
local function drop(before, count)
  local ids = redis.call('ZRANGEBYSCORE', untils, '-inf', string.format('%.0f', before), 'LIMIT', 0, count)
  for _, old in ipairs(ids) do
    local number = redis.call('HGET', numbers, old)
    if number then redis.call('XDEL', log, number .. '-0') end
    redis.call('HDEL', numbers, old)
    redis.call('ZREM', untils, old)
  end
end
local known = redis.call('HMGET', head, 'epoch', 'tail')
if not known[1] then
  -- What a lost head belonged to has no order any more.
  redis.call('DEL', log, untils, numbers)
  redis.call('HSET', head, 'epoch', ARGV[2], 'last', '0')
end
local stored = redis.call('HGET', numbers, id)
local entry = stored and redis.call('XRANGE', log, stored .. '-0', stored .. '-0')[1]
if entry then return { entry[2][6], entry[2][8], string.format('%.0f', now) } end
drop(now - tonumber(ARGV[9]), 100)
local kept = redis.call('ZCARD', untils)
if kept >= max then
  drop(now - tonumber(ARGV[10]), kept - max + 1)
  if redis.call('ZCARD', untils) >= max then return false end
end
local at, till = tonumber(ARGV[5]), tonumber(ARGV[6])
if not at then at, till = now, now + tonumber(ARGV[7]) end
at, till = string.format('%.0f', at), string.format('%.0f', till)
local number = string.format('%.0f', redis.call('HINCRBY', head, 'last', 1))
redis.call('XADD', log, number .. '-0', 'p', known[2] or '', 'id', id, 'at', at, 'until', till, 'text', ARGV[4])
redis.call('ZADD', untils, till, id)
redis.call('HSET', numbers, id, number)
redis.call('HSET', head, 'tail', id)
-- When the last of them is forgotten, so are the others.
local newest = tonumber(redis.call('ZRANGE', untils, -1, -1, 'WITHSCORES')[2])
for _, key in ipairs({ log, untils, numbers }) do
  redis.call('PEXPIREAT', key, string.format('%.0f', newest + tonumber(ARGV[9])))
end
redis.call('PUBLISH', ARGV[1], number)
return { at, till, string.format('%.0f', now) }
`);

/**
 * Reads what came after a place.
 *
 * KEYS: head, log. ARGV: epoch, number, how many at most.
 * Answers the time, epoch (empty where there is nothing), last and tail, and for each entry its number, `p`, `id`, `at`,
 * `until` and `text`. Of another epoch it reads from the beginning.
 */
export const READ = script(`${NOW}
local known = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'tail')
local epoch = known[1] or ''
local answer = { string.format('%.0f', now), epoch, known[2] or '0', known[3] or '' }
local after = ARGV[1] == epoch and ARGV[2] or '0'
if epoch == '' or after == known[2] then return answer end
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '(' .. after .. '-0', '+', 'COUNT', ARGV[3])) do
  answer[#answer + 1] = string.match(entry[1], '^%d+')
  for at = 2, #entry[2], 2 do answer[#answer + 1] = entry[2][at] end
end
return answer
`);

/**
 * Tells the counts of a node: what has changed, or the whole.
 *
 * KEYS: nodes, the node's own. ARGV: node, how long it counts, `whole` or `part`, then keys and counts.
 * Answers 0 where the whole is needed, since what was told before is forgotten.
 */
export const REPORT = script(`${NOW}
local nodes, mine, lease = KEYS[1], KEYS[2], tonumber(ARGV[2])
if ARGV[3] == 'part' then
  if redis.call('EXISTS', mine) == 0 then return 0 end
else
  redis.call('DEL', mine)
  -- There for as long as the node is, also if it has nothing.
  redis.call('HSET', mine, '', '0')
end
for at = 4, #ARGV, 2 do
  if ARGV[at + 1] == '0' then redis.call('HDEL', mine, ARGV[at])
  else redis.call('HSET', mine, ARGV[at], ARGV[at + 1]) end
end
redis.call('PEXPIRE', mine, lease)
redis.call('ZADD', nodes, string.format('%.0f', now + lease), ARGV[1])
redis.call('ZREMRANGEBYSCORE', nodes, '-inf', string.format('%.0f', now))
redis.call('PEXPIRE', nodes, lease)
return 1
`);

/** The nodes that there are. KEYS: nodes. */
export const NODES = script(`${NOW}
return redis.call('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')
`);

/** Adds up what nodes have of a key. KEYS: theirs. ARGV: the key. */
export const COUNT = script(`
local sum = 0
for _, node in ipairs(KEYS) do sum = sum + (tonumber(redis.call('HGET', node, ARGV[1]) or '0') or 0) end
return sum
`);

/** Takes a node's counts back. KEYS: nodes, the node's own. ARGV: node. */
export const LEAVE = script(`
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
`);
