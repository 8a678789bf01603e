import type { ContentfulStatusCode } from "hono/utils/http-status";

export interface FieldError {
  readonly resource: string;
  readonly code: string;
  readonly field?: string;
  readonly message?: string;
}

/** A refusal in GitHub's words; the API answers it as JSON. */
export class ApiError extends Error {
  readonly status: ContentfulStatusCode;
  readonly errors: readonly (FieldError | string)[] | undefined;

  /** Where it is now, for what has moved. */
  readonly location: string | undefined;

  constructor(
    status: ContentfulStatusCode,
    message: string,
    errors?: readonly (FieldError | string)[],
    location?: string,
  ) {
    super(message);
    this.status = status;
    this.location = location;
    this.errors = errors;
  }

  get body(): object {
    return {
      message: this.message,
      ...(this.errors === undefined ? {} : { errors: this.errors }),
      ...(this.location === undefined ? {} : { url: this.location }),
      documentation_url: "https://docs.github.com/rest",
      status: String(this.status),
    };
  }
}

export function notFound(): ApiError {
  return new ApiError(404, "Not Found");
}

export function invalid(message: string, ...errors: (FieldError | string)[]): ApiError {
  return new ApiError(422, message, errors.length === 0 ? undefined : errors);
}

export function validationFailed(...errors: (FieldError | string)[]): ApiError {
  return invalid("Validation Failed", ...errors);
}
