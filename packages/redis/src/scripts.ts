import { script } from "./script.js";

// A channel has two keys. Its record is a hash: `epoch`; `last`, the native id of its newest entry; `total`, how many
// bytes of text it has ever been given; `check`, the total at which its size is looked at next; `tidy`, the time at which
// its age is; `ended`, which is an outcome, or `1` for done; and for each process that has published lately, `b:` and its name, the number of its last batch,
// the first id and the count of what that stored, and when. Its stream has an entry for each event: `p`, the native id
// before it; `k`, its kind; `b`, the record's total before it; `d`, its text.

/** Compares native ids. */
const IS_AFTER = `
local function isAfter(a, b)
  local ams, aseq = string.match(a, '^(%d+)-(%d+)$')
  local bms, bseq = string.match(b, '^(%d+)-(%d+)$')
  if ams ~= bms then return tonumber(ams) > tonumber(bms) end
  return tonumber(aseq) > tonumber(bseq)
end
`;

/**
 * Where a history stands that may have lost something, as it does when the server fails: behind everything that the
 * caller knows of, and everything that there is, at a place that nobody has. So the next entry is linked to nothing,
 * and whoever reads up to it learns of the gap.
 *
 * `known` is the newest that the caller knows of; `own` is what it stored itself, and has to be there unless it was
 * trimmed.
 */
const RAISED = `${IS_AFTER}
local function isLost(stream, id)
  if redis.call('XRANGE', stream, id, id)[1] then return false end
  local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  return first and isAfter(id, first[1])
end
local function raised(last, stream, known, own)
  local base
  if known ~= '' and isAfter(known, last) then
    base = known
  elseif own ~= '' and own ~= last and isLost(stream, own) then
    base = last
  else
    return last
  end
  local ms, seq = string.match(base, '^(%d+)-(%d+)$')
  return ms .. '-' .. string.format('%.0f', tonumber(seq) + 1)
end
`;

/**
 * Stores a batch of entries after all others, and tells them.
 *
 * KEYS: record, stream. ARGV: pub/sub channel, an epoch for a new history, count, age, bytes, how long to remember the
 * record and the batch (all in milliseconds), this process's name, the batch's number, a random number, what this
 * process knows (epoch, newest native id, and that of its own entry), then kind and text of each entry.
 *
 * Answers epoch, the first native id and how many were stored, which are numbered on; fewer than there were where the
 * channel has been ended before.
 */
export const PUBLISH = script(`${RAISED}
local record, stream, batch = KEYS[1], KEYS[2], 'b:' .. ARGV[8]
local count, age, bytes, lasting = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local known = redis.call('HMGET', record, 'epoch', 'last', 'total', 'check', 'tidy', 'ended', batch)
local epoch, last, ended = known[1], known[2], known[6]
local total, check, tidy = tonumber(known[3] or '0'), tonumber(known[4] or '0'), tonumber(known[5] or '0')
if known[7] then
  local number, first, stored = string.match(known[7], '^(%d+) (%S+) (%d+)')
  -- What was given up long ago may still come in from a connection that is no more.
  if tonumber(number) > tonumber(ARGV[9]) then return { epoch, last, 0 } end
  if number == ARGV[9] then return { epoch, first, tonumber(stored) } end
end
if not epoch then
  -- What a lost record belonged to has no order any more.
  redis.call('DEL', stream)
  epoch, last = ARGV[2], '0-0'
elseif epoch == ARGV[11] then
  last = raised(last, stream, ARGV[12], ARGV[13])
end
if ended then return { epoch, last, 0 } end
-- Where the clock stands still or goes back, a part is left to chance: what a server has lost and what its successor
-- stores instead must not have the same id.
local time = redis.call('TIME')
local ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local seq = tonumber(ARGV[10])
local lastMs, lastSeq = string.match(last, '^(%d+)-(%d+)$')
lastMs, lastSeq = tonumber(lastMs), tonumber(lastSeq)
if ms <= lastMs then
  ms, seq = lastMs, lastSeq + 1 + seq
  if seq > 68719476735 then ms, seq = ms + 1, tonumber(ARGV[10]) end
end
local first, stored, tellings = string.format('%.0f-%.0f', ms, seq), 0, {}
for i = 14, #ARGV, 2 do
  if ended then break end
  local kind, text = ARGV[i], ARGV[i + 1]
  local id = string.format('%.0f-%.0f', ms, seq + stored)
  if i < #ARGV - 1 then
    redis.call('XADD', stream, id, 'p', last, 'k', kind, 'b', total, 'd', text)
  else
    redis.call('XADD', stream, 'MAXLEN', count > 0 and '~' or '=', count, id, 'p', last, 'k', kind, 'b', total, 'd', text)
  end
  stored = stored + 1
  tellings[stored] = epoch .. ' ' .. last .. ' ' .. id .. ' ' .. kind .. ' ' .. text
  total, last = total + #text, id
  if kind == 'end' then ended = text ~= '' and text or '1' end
end
-- What ends may be kept for another time than while it went on.
local isDue = ms >= tidy or ended
if isDue then
  tidy = ms + math.floor(math.min(age, lasting) / 8)
  redis.call('XTRIM', stream, 'MINID', '~', string.format('%.0f', math.max(ms - age, 0)))
  local fields = redis.call('HGETALL', record)
  for i = 1, #fields, 2 do
    local at = string.match(fields[i], '^b:') and string.match(fields[i + 1], '(%d+)$')
    if at and math.abs(ms - tonumber(at)) > tonumber(ARGV[7]) then redis.call('HDEL', record, fields[i]) end
  end
end
if total >= check and count > 0 then
  local from, keep = '-', nil
  while not keep do
    local page = redis.call('XRANGE', stream, from, '+', 'COUNT', 64)
    for _, entry in ipairs(page) do
      if total - tonumber(entry[2][6]) <= bytes then keep = entry[1] break end
      from = '(' .. entry[1]
    end
    if #page < 64 then keep = keep or last end
  end
  if from ~= '-' then redis.call('XTRIM', stream, 'MINID', keep) end
  check = total + math.floor(bytes / 8)
end
local done = string.format('%s %s %d %.0f', ARGV[9], first, stored, ms)
redis.call('HSET', record, 'epoch', epoch, 'last', last, 'total', total, 'check', check, 'tidy', string.format('%.0f', tidy), batch, done)
if ended then redis.call('HSET', record, 'ended', ended) end
if isDue then
  -- An eighth more, because it is not looked at again for so long.
  redis.call('PEXPIRE', record, math.ceil(lasting * 9 / 8))
  redis.call('PEXPIRE', stream, math.ceil(age * 9 / 8))
end
-- What is stored stays stored, even if it may not be told.
for _, telling in ipairs(tellings) do redis.pcall('PUBLISH', ARGV[1], telling) end
return { epoch, first, stored }
`);

/** Remembers a record for a while, unless it will be for longer. */
const REMEMBER = `
local function remember(record, duration)
  if redis.call('PTTL', record) < tonumber(duration) then redis.call('PEXPIRE', record, duration) end
end
`;

/**
 * Where a channel stands; a new one is remembered from now on.
 *
 * KEYS: record, stream. ARGV: an epoch for a new history, how long to remember it, what this process knows (epoch,
 * newest native id, and that of its own entry).
 * Answers epoch, the newest native id, and where the channel has been ended the outcome, or `1` for done.
 */
export const OPEN = script(`${RAISED}${REMEMBER}
local known = redis.call('HMGET', KEYS[1], 'epoch', 'last', 'ended')
local epoch, last = known[1], known[2]
if not epoch then
  epoch, last = ARGV[1], '0-0'
elseif epoch == ARGV[3] then
  last = raised(last, KEYS[2], ARGV[4], ARGV[5])
end
if epoch ~= known[1] or last ~= known[2] then
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'last', last)
end
remember(KEYS[1], ARGV[2])
return { epoch, last, known[3] or '' }
`);

/**
 * Reads what came after an entry, up to another, about so many bytes of it.
 *
 * KEYS: record, stream. ARGV: epoch, the native id to read after, the one to read through (or empty), bytes.
 * Answers a refusal as a text, or a list of native ids, kinds and texts. The first entry has to be linked to the
 * one that is read after: otherwise something between them is missing.
 */
export const READ = script(`${IS_AFTER}
local known = redis.call('HMGET', KEYS[1], 'epoch', 'last')
local after, through, bytes = ARGV[2], ARGV[3], tonumber(ARGV[4])
if known[1] ~= ARGV[1] then return 'unknown' end
local last = known[2]
if isAfter(after, last) then return 'unknown' end
-- Whether there is such an entry is seen when it is read up to there.
if through ~= '' and isAfter(after, through) then return 'ahead' end
if after == last or after == through then return {} end
local found, size, from, prev = {}, 0, after, after
local stop = through == '' and '+' or through
repeat
  local page = redis.call('XRANGE', KEYS[2], '(' .. from, stop, 'COUNT', 32)
  for _, entry in ipairs(page) do
    local fields = entry[2]
    if fields[2] ~= prev then
      if isAfter(fields[2], prev) then return 'trimmed' end
      return 'unknown'
    end
    prev, from = entry[1], entry[1]
    found[#found + 1] = entry[1]
    found[#found + 1] = fields[4]
    found[#found + 1] = fields[8]
    size = size + #fields[8]
    if size >= bytes then break end
  end
until size >= bytes or #page < 32
if #found == 0 then return 'trimmed' end
return found
`);

/**
 * Finds the place so many entries before another.
 *
 * KEYS: record, stream. ARGV: epoch, the native id to go back from, how many.
 * Answers a native id, or nothing where the history is another one.
 */
export const REWIND = script(`${IS_AFTER}
local known = redis.call('HMGET', KEYS[1], 'epoch', 'last')
if known[1] ~= ARGV[1] then return false end
local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
if not first then return known[2] end
-- What it should go back from may have left the history itself.
if isAfter(first[2][2], ARGV[2]) then return first[2][2] end
if ARGV[3] == '0' then return ARGV[2] end
-- All of it: nothing has to be gone through.
if tonumber(ARGV[3]) >= redis.call('XLEN', KEYS[2]) then return first[2][2] end
local page = redis.call('XREVRANGE', KEYS[2], ARGV[2], '-', 'COUNT', ARGV[3])
return #page > 0 and page[#page][2][2] or ARGV[2]
`);

/**
 * Where channels stand, which are remembered for another while.
 *
 * KEYS: record and stream of each. ARGV: how long, then what this process knows of each (epoch, newest native id, and
 * that of its own entry).
 * Answers epoch and newest native id of each, or nothing for one that is no more.
 */
export const CHECK = script(`${RAISED}${REMEMBER}
local found = {}
for at = 1, #KEYS, 2 do
  local record, stream = KEYS[at], KEYS[at + 1]
  local known = redis.call('HMGET', record, 'epoch', 'last')
  local epoch, last = known[1], known[2]
  if epoch then
    local told = 2 + (at - 1) / 2 * 3
    if epoch == ARGV[told] then last = raised(last, stream, ARGV[told + 1], ARGV[told + 2]) end
    if last ~= known[2] then redis.call('HSET', record, 'last', last) end
    remember(record, ARGV[1])
  end
  found[#found + 1] = epoch
  found[#found + 1] = last
end
return found
`);
