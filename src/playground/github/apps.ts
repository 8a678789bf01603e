import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import type { Account } from "./accounts.ts";
import { ApiError } from "./errors.ts";
import type { Permissions } from "./tokens.ts";

export interface NewApp {
  readonly slug: string;
  readonly webhookUrl?: string;
  readonly webhookSecret?: string;
}

export interface App {
  readonly appId: number;
  readonly slug: string;
  /** PEM, RSA */
  readonly privateKey: string;
  /** The App is installed on everything there is. */
  readonly installationId: number;
  readonly webhookSecret: string;
  readonly bot: Account;
  readonly permissions: Permissions;
  readonly events: readonly string[];
}

const APP_PERMISSIONS: Permissions = {
  contents: "write",
  issues: "write",
  pull_requests: "write",
  actions: "write",
  metadata: "read",
};

const APP_EVENTS = [
  "issue_comment",
  "issues",
  "pull_request",
  "pull_request_review",
  "pull_request_review_comment",
  "workflow_run",
  "installation",
  "installation_repositories",
];

export class Apps {
  readonly #apps = new Map<number, App>();
  readonly #keys = new Map<number, KeyObject>();

  add(spec: NewApp, bot: Account, ids: { appId: number; installationId: number }): App {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "pkcs1", format: "pem" },
      privateKeyEncoding: { type: "pkcs1", format: "pem" },
    });
    const app: App = {
      ...ids,
      slug: spec.slug,
      privateKey,
      webhookSecret: spec.webhookSecret ?? "development",
      bot,
      permissions: APP_PERMISSIONS,
      events: APP_EVENTS,
    };
    this.#apps.set(app.appId, app);
    this.#keys.set(app.appId, createPublicKey(privateKey));
    return app;
  }

  find(appId: number): App | undefined {
    return this.#apps.get(appId);
  }

  ofInstallation(installationId: number): App | undefined {
    return this.all().find((app) => app.installationId === installationId);
  }

  all(): readonly App[] {
    return [...this.#apps.values()];
  }

  /**
   * The App that signed this token.
   * @throws ApiError 401 as GitHub words it.
   */
  verify(jwt: string): App {
    const [header = "", claims = "", signature = ""] = jwt.split(".");
    const read = (part: string): Record<string, unknown> => {
      try {
        return JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
      } catch {
        throw new ApiError(401, "A JSON web token could not be decoded");
      }
    };
    const { iss, exp, iat } = read(claims);
    const app = this.find(Number(iss));
    const key = this.#keys.get(Number(iss));
    if (app === undefined || key === undefined) throw new ApiError(401, "Integration not found");
    const valid =
      read(header)["alg"] === "RS256" &&
      verify("RSA-SHA256", Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url"));
    if (!valid) throw new ApiError(401, "A JSON web token could not be decoded");
    // Apps sign by the real clock, whatever time the playground plays at.
    const now = Date.now() / 1000;
    if (typeof exp !== "number" || exp <= now) {
      throw new ApiError(
        401,
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
      );
    }
    if (exp - now > 660) throw new ApiError(401, "'Expiration time' claim ('exp') is too far in the future");
    if (typeof iat !== "number" || iat > now + 60) {
      throw new ApiError(
        401,
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
      );
    }
    return app;
  }
}
