import type { Problem } from './types';

/** What is left to be done before anything else, or may no longer be done: the session says what. */
export const ASK_FOR_SESSION = [
  'urn:rollcall:problem:code-required',
  'urn:rollcall:problem:password-change-required',
  'urn:rollcall:problem:permission-required',
  'urn:rollcall:problem:second-step-required',
];

/** What the collector said when it did not do what was asked, or what the browser saw when it said nothing. */
export class ApiError extends Error {
  constructor(
    readonly problem: Problem,
    /** Seconds to wait before another try, where the collector asks for that. */
    readonly retryAfter: number | null = null,
  ) {
    super(problem.detail || problem.title);
    this.name = 'ApiError';
  }

  get status(): number {
    return this.problem.status;
  }
}

function problem(part: Partial<Problem>): Problem {
  return { type: 'about:blank', title: '', status: 0, detail: '', field: '', remedy: '', request_id: '', current: null, ...part };
}

export function unreachable(): ApiError {
  return new ApiError(
    problem({
      title: 'The collector does not answer',
      detail: 'The request did not reach the collector, or its answer did not come back.',
      remedy: 'Check the network and that the collector runs, then try again.',
    }),
  );
}

/** Makes an error of whatever body came with a failed request: a Problem, or something else's page. */
export function fromResponse(response: Response, body: unknown): ApiError {
  const given = typeof body === 'object' && body !== null ? (body as Partial<Problem>) : {};
  const seconds = Number(response.headers.get('Retry-After'));
  return new ApiError(
    problem({ title: `The collector answered ${response.status}`, ...given, status: response.status }),
    Number.isFinite(seconds) && seconds > 0 ? seconds : null,
  );
}

/** Any thrown thing as a problem that can be shown. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return problem({
    title: 'Something in this page went wrong',
    detail: error instanceof Error ? error.message : String(error),
    remedy: 'Reload the page. If it happens again, report it with the text above.',
  });
}
