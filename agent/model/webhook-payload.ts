/** Label names and values. */
export type Labels = Readonly<Record<string, string>>;

/** What Alertmanager sends to a webhook, version 4 of its format; keys, order and all. */
export interface WebhookPayload {
  readonly receiver: string;
  /** `resolved` when every alert of it is. */
  readonly status: "firing" | "resolved";
  readonly alerts: readonly WebhookAlert[];
  readonly groupLabels: Labels;
  /** Those that all alerts of it share, and so are the annotations. */
  readonly commonLabels: Labels;
  readonly commonAnnotations: Labels;
  readonly externalURL: string;
  readonly version: "4";
  /** Identifies the group: the same for as long as it is told of. */
  readonly groupKey: string;
  readonly truncatedAlerts: number;
}

export interface WebhookAlert {
  readonly status: "firing" | "resolved";
  readonly labels: Labels;
  readonly annotations: Labels;
  /** RFC 3339. */
  readonly startsAt: string;
  /** RFC 3339; Go's zero time while it fires. */
  readonly endsAt: string;
  readonly generatorURL: string;
  /** 16 hexadecimal digits: the same for the same labels, also in Alertmanager. */
  readonly fingerprint: string;
}
