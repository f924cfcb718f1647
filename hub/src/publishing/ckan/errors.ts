/** Errors in CKAN's own words: what its clients look for is `__type` and the status. */

/** An error of the action API. */
export class CkanError extends Error {
  readonly status: number;
  readonly type: string | null;
  readonly fields: Record<string, string[]>;

  /** `type` null: the bare text that CKAN answers to what is no action at all. */
  constructor(status: number, type: string | null, message: string, fields: Record<string, string[]> = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.fields = fields;
  }
}

export const notFound = (what = 'Not found'): CkanError => new CkanError(404, 'Not Found Error', what);
export const denied = (why: string): CkanError => new CkanError(403, 'Authorization Error', `Access denied: ${why}`);
/** `fields`: what is wrong with each parameter. */
export const invalid = (fields: Record<string, string[]>): CkanError =>
  new CkanError(409, 'Validation Error', 'Validation error', fields);
export const badQuery = (why: string): CkanError => new CkanError(409, 'Search Query Error', why);
export const badRequest = (why: string): CkanError => new CkanError(400, null, `Bad request - ${why}`);
