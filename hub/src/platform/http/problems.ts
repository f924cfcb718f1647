/** Problems of the web server itself, and how any error becomes application/problem+json (RFC 9457). */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Language, languageOf } from '../i18n/index.ts';
import { Problem, type ProblemKind, problemKind } from '../problem.ts';

export const invalid = problemKind('http.invalid', 400, '请求有 {count} 处不合要求', 'the request has {count} faults');
export const invalidValue = problemKind('http.invalid-value', 400, '{where}：{zh}', '{where}: {en}');
export const notJson = problemKind('http.body-not-json', 400, '请求体不是合法的 JSON', 'the body is not valid JSON');
export const mediaType = problemKind(
  'http.media-type',
  415,
  '不支持此内容类型',
  'this media type is not accepted here',
);
export const tooLarge = problemKind('http.body-too-large', 413, '请求体超过上限', 'the body is larger than allowed');
export const tooMany = problemKind(
  'http.too-many-requests',
  429,
  '请求过于频繁，请在 {seconds} 秒后再试',
  'too many requests: try again in {seconds} seconds',
);
export const signIn = problemKind('http.sign-in', 401, '请先登录', 'sign in first');
export const forbidden = problemKind(
  'http.forbidden',
  403,
  '没有权限：需要 {permission}',
  'not allowed: {permission} is needed',
);
export const crossSite = problemKind(
  'http.cross-site',
  403,
  '来自其他网站的请求被拒绝',
  'a request from another site is refused',
);
export const notFound = problemKind('http.not-found', 404, '没有这个地址', 'there is nothing at this address');
export const gone = problemKind(
  'http.gone',
  410,
  '此接口已于 {sunset} 停用，请改用 {successor}',
  'this address ended on {sunset}: use {successor}',
);
export const wrongMethod = problemKind(
  'http.method-not-allowed',
  405,
  '此地址只接受 {methods}',
  'only {methods} can be asked of this address',
);
export const badRequest = problemKind('http.bad-request', 400, '请求无法理解', 'the request cannot be understood');
export const internal = problemKind('http.internal', 500, '系统内部错误，编号 {id}', 'an internal error, number {id}');
export const notReady = problemKind('http.not-ready', 503, '系统尚未就绪', 'the hub is not ready');

const bilingual = z.strictObject({ zh: z.string(), en: z.string() });
const place = z.strictObject({
  file: z.string().optional(),
  line: z.int().optional(),
  row: z.int().optional(),
  column: z.int().optional(),
  field: z.string().optional(),
  pointer: z.string().optional(),
  setting: z.string().optional(),
});

/** The body of application/problem+json as the description shows it. */
export const problemSchema = z
  .strictObject({
    type: z.string().describe('urn:jingwei:problem:<code>'),
    code: z.string().describe('stable code'),
    status: z.int(),
    title: z.string().describe('the sentence in the language that Accept-Language asks for'),
    titles: bilingual,
    place: place.optional(),
    instance: z.string().optional().describe('urn:uuid:<request id>'),
    details: z
      .array(
        z.strictObject({
          type: z.string(),
          code: z.string(),
          status: z.int(),
          title: z.string(),
          titles: bilingual,
          place: place.optional(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });

/** The body of one problem in one language, both sentences included. */
export function problemBody(problem: Problem, language: Language, instance?: string): z.input<typeof problemSchema> {
  const { title, details, ...rest } = problem.toJSON();
  return {
    ...rest,
    title: title[language],
    titles: title,
    ...(instance ? { instance: `urn:uuid:${instance}` } : {}),
    ...(details ? { details: problem.details.map((d) => problemBody(d, language) as never) } : {}),
  };
}

/** The framework's own errors and what they are called here. */
const framework: Record<string, ProblemKind> = {
  FST_ERR_CTP_INVALID_JSON_BODY: notJson,
  FST_ERR_CTP_EMPTY_JSON_BODY: notJson,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: mediaType,
  FST_ERR_CTP_BODY_TOO_LARGE: tooLarge,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: badRequest,
};

/** Any error as a Problem; an unknown one is logged with its stack and answered with a number only. */
export function toProblem(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) {
    if (error.kind.status >= 500) request.log.error({ err: error }, 'request failed');
    return error;
  }
  const e = error as Partial<FastifyError>;
  const kind = e.code === undefined ? undefined : framework[e.code];
  if (kind) return new Problem(kind);
  if (e.statusCode !== undefined && e.statusCode >= 400 && e.statusCode < 500) {
    return new Problem(e.statusCode === 404 ? notFound : badRequest);
  }
  request.log.error({ err: error, requestId: request.id }, 'request failed');
  return new Problem(internal, { id: request.id });
}

const told = new WeakMap<FastifyRequest, string>();

/** Code of the problem that a request was answered with. */
export const problemOf = (request: FastifyRequest): string | undefined => told.get(request);

/** Answers a problem. */
export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const language = languageOf(request.headers['accept-language']);
  told.set(request, problem.kind.code);
  return reply
    .code(problem.kind.status)
    .header('content-language', language === 'zh' ? 'zh-CN' : 'en')
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(problem, language, request.id)));
}
