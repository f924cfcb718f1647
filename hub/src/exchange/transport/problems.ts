/** What the database and HTTP transports refuse beyond the exchange's general problems, with its sentences. */
import { problemKind as k, type ProblemKind } from '../../platform/problem.ts';

/** Problems of pulling from databases and over HTTP. */
export const pullProblems = {
  secretUnknown: k(
    'exchange.pull.secret-unknown',
    409,
    '配置中没有名为“{secret}”的凭证，无法连接。',
    'The configuration has no secret "{secret}", so nothing can be connected to.',
  ),
  secretKind: k(
    'exchange.pull.secret-kind',
    409,
    '凭证“{secret}”的类型不对：需要 {expected}，实际是 {seen}。',
    'The secret "{secret}" is of the wrong kind: {expected} is needed, it is {seen}.',
  ),
  credentials: k(
    'exchange.pull.credentials',
    409,
    '对方拒绝了凭证“{secret}”（{reason}）。',
    'The other side refuses the secret "{secret}" ({reason}).',
  ),
  database: k(
    'exchange.pull.database-unknown',
    409,
    '服务器上没有这个数据库（凭证“{secret}”）。',
    'The server has no such database (secret "{secret}").',
  ),
  unreachable: k(
    'exchange.pull.unreachable',
    503,
    '无法连接到 {where}（{reason}）。',
    '{where} cannot be reached ({reason}).',
  ),
  lost: k(
    'exchange.pull.lost',
    503,
    '与 {where} 的连接中断（{reason}），将从上一个检查点继续。',
    'The connection to {where} was lost ({reason}); it goes on from the last checkpoint.',
  ),
  timeout: k(
    'exchange.pull.timeout',
    504,
    '{where} 没有在限定时间内回答（{reason}）。',
    '{where} did not answer within the time allowed ({reason}).',
  ),
  table: k(
    'exchange.pull.table-unknown',
    422,
    '数据库里没有表“{table}”，或者没有读取它的权限。',
    'The database has no table "{table}", or it may not be read.',
  ),
  notAllowed: k(
    'exchange.pull.not-allowed',
    409,
    '凭证“{secret}”没有读取表“{table}”的权限。',
    'The secret "{secret}" may not read the table "{table}".',
  ),
  watermark: k(
    'exchange.pull.watermark-unknown',
    422,
    '表“{table}”没有用来发现变化的列“{column}”。',
    'The table "{table}" lacks the column "{column}" by which changes are found.',
  ),
  watermarkType: k(
    'exchange.pull.watermark-type',
    422,
    '列“{column}”的类型 {type} 不能用来发现变化：需要整数、定点数、日期、时间或文本。',
    'The column "{column}" of type {type} cannot tell changes: a whole number, decimal, date, time or text is needed.',
  ),
  fault: k(
    'exchange.pull.database-fault',
    502,
    '数据库拒绝了查询（{reason}）。',
    'The database refused the query ({reason}).',
  ),
  httpStatus: k('exchange.pull.http-status', 502, '{where} 回答 {status}。', '{where} answers {status}.'),
  httpBusy: k(
    'exchange.pull.http-busy',
    503,
    '{where} 暂时不能回答（{status}），稍后重试。',
    '{where} cannot answer for now ({status}); it is tried again later.',
  ),
  httpTooLarge: k(
    'exchange.pull.http-too-large',
    502,
    '{where} 的一页回答超过 {limit} 字节。',
    'A page that {where} answers is larger than {limit} bytes.',
  ),
  httpNotJson: k(
    'exchange.pull.http-not-json',
    502,
    '{where} 的回答不是合法的 JSON。',
    'What {where} answers is not valid JSON.',
  ),
  httpItems: k(
    'exchange.pull.http-items',
    502,
    '{where} 的回答在“{pointer}”处没有数组。',
    'What {where} answers has no array at "{pointer}".',
  ),
  httpRedirect: k(
    'exchange.pull.http-redirect',
    502,
    '{where} 转向另一台主机（{to}），未跟随。',
    '{where} redirects to another host ({to}), which is not followed.',
  ),
  httpRepeats: k(
    'exchange.pull.http-repeats',
    502,
    '{where} 反复回答同一页，分页没有前进。',
    '{where} answers the same page again: paging does not go on.',
  ),
  httpPages: k('exchange.pull.http-pages', 502, '{where} 的页数超过 {limit}。', '{where} has more than {limit} pages.'),
  httpScheme: k(
    'exchange.pull.http-scheme',
    422,
    '地址“{url}”不是 http 或 https。',
    'The address "{url}" is neither http nor https.',
  ),
  token: k(
    'exchange.pull.token',
    502,
    '令牌服务 {where} 的回答无法使用（{reason}）。',
    'What the token service {where} answers cannot be used ({reason}).',
  ),
} satisfies Record<string, ProblemKind>;

/** Problems of batches that are pushed over HTTP. */
export const pushProblems = {
  keyMissing: k(
    'exchange.push.key-missing',
    400,
    '缺少 Idempotency-Key 请求头：每一批需要一个自己的键。',
    'The header Idempotency-Key is missing: every batch needs a key of its own.',
  ),
  keyInvalid: k(
    'exchange.push.key-invalid',
    400,
    'Idempotency-Key 应为 1 到 200 个可见的 ASCII 字符。',
    'Idempotency-Key must be 1 to 200 visible ASCII characters.',
  ),
  keyReused: k(
    'exchange.push.key-reused',
    409,
    '这个 Idempotency-Key 已用于内容不同的一批（{batch}）。',
    'This Idempotency-Key was used for a batch with another body ({batch}).',
  ),
  keyExpired: k(
    'exchange.push.key-expired',
    409,
    '这个 Idempotency-Key 已于 {expired} 过期（批次 {batch}，{taken} 接收），请换用新的键。',
    'This Idempotency-Key expired on {expired} (batch {batch}, taken on {taken}): use a new key.',
  ),
  organisation: k(
    'exchange.push.other-organisation',
    403,
    '只有来源“{source}”的主管部门（{owner}）可以推送。',
    'Only the owner of the source "{source}" ({owner}) may push to it.',
  ),
  busy: k(
    'exchange.push.busy',
    429,
    '正在处理的批次已满，请在 {seconds} 秒后再试。',
    'Too many batches are under way: try again in {seconds} seconds.',
  ),
  tooManyRows: k(
    'exchange.push.too-many-rows',
    413,
    '一批最多 {max} 行，请分批推送。',
    'A batch has at most {max} rows: push in several.',
  ),
  empty: k('exchange.push.empty', 422, '这一批没有任何行。', 'The batch has no rows.'),
  notJson: k('exchange.push.not-json', 422, '请求体不是合法的 JSON。', 'The body is not valid JSON.'),
  notArray: k(
    'exchange.push.not-array',
    422,
    '请求体应为 JSON 数组，或 application/x-ndjson 的逐行对象。',
    'The body must be a JSON array, or lines of objects as application/x-ndjson.',
  ),
  encoding: k('exchange.push.encoding', 422, '请求体不是 UTF-8。', 'The body is not UTF-8.'),
  media: k(
    'exchange.push.media-type',
    415,
    '不支持的内容类型：请用 application/json 或 application/x-ndjson，且不压缩。',
    'This media type is not accepted: use application/json or application/x-ndjson, not compressed.',
  ),
} satisfies Record<string, ProblemKind>;
