/** Answers of events' routes. Instants are ISO 8601 UTC, positions WGS 84. */
import { z } from 'zod';

const text = z.object({ zh: z.string(), en: z.string() });
const nullable = z.string().nullable();
const place = { longitude: z.number().nullable(), latitude: z.number().nullable() };

export const eventView = z
  .object({
    ...{
      id: z.int(),
      number: z.string(),
      matter: nullable,
      matterBy: z.string(),
      group: nullable,
      urgency: z.string(),
      text: z.string(),
    },
    ...{
      address: nullable,
      ...place,
      placeBy: nullable,
      town: nullable,
      grid: nullable,
      channel: z.string(),
      state: z.string(),
    },
    ...{ organisation: nullable, joint: z.array(z.string()), officer: nullable, supervised: z.int() },
    asked: z
      .object({
        ...{
          kind: z.string(),
          ground: z.string(),
          span: z.string().optional(),
          organisation: z.string().optional(),
          by: nullable,
          at: z.string(),
        },
      })
      .nullable(),
    ...{
      reports: z.int(),
      pictures: z.int(),
      returned: z.int(),
      transferred: z.int(),
      reworked: z.int(),
      due: nullable,
    },
    ...{
      minutesLeft: z.int().nullable(),
      late: z.boolean(),
      lateAt: nullable,
      occurredAt: z.string(),
      reportedAt: z.string(),
    },
    ...{ filedAt: nullable, dispatchedAt: nullable, acceptedAt: nullable, handledAt: nullable, closedAt: nullable },
    ...{ rating: z.int().nullable(), mergedInto: z.int().nullable(), version: z.int() },
  })
  .meta({ id: 'CityEvent' });

export const listAnswer = z.object({
  events: z.array(eventView),
  next: z.int().nullable(),
  /** How many fit, up to 1,000; `more`: there are more. Null on later pages. */
  count: z.int().nullable(),
  more: z.boolean().nullable(),
});

const evidence = z.object({
  name: z.string(),
  value: z.union([z.number(), z.string()]).nullable(),
  weight: z.number(),
});

export const pageAnswer = z.object({
  event: eventView,
  reports: z.array(
    z.object({
      ...{
        id: z.int(),
        channel: z.string(),
        client: nullable,
        matter: nullable,
        text: z.string(),
        address: nullable,
        ...place,
      },
      ...{ occurredAt: z.string(), receivedAt: z.string(), login: nullable, joinedBy: z.string(), phone: nullable },
      ...{ probability: z.number().nullable(), why: z.array(evidence), mediaUrl: nullable },
      /** The alert that it is of, where the channel is the alerts'. */
      alert: z.int().nullable(),
    }),
  ),
  steps: z.array(
    z.object({
      ...{
        seq: z.int(),
        action: z.string(),
        title: text,
        from: z.string(),
        to: z.string(),
        stage: z.int(),
        actor: z.string(),
      },
      ...{ login: nullable, organisation: nullable, comment: nullable, detail: z.unknown(), at: z.string() },
    }),
  ),
  clocks: z.array(
    z.object({
      ...{
        id: z.int(),
        name: z.string(),
        title: text,
        organisation: z.string(),
        amount: z.int(),
        unit: z.string(),
        state: z.string(),
      },
      ...{ startedAt: z.string(), due: nullable, missingYear: z.int().nullable(), endedAt: nullable, ground: nullable },
      /** Minutes left, in the unit's own time. */
      left: z.int().nullable(),
      late: z.boolean(),
    }),
  ),
  pictures: z.array(
    z.object({
      ...{
        id: z.string(),
        kind: z.string(),
        report: z.int().nullable(),
        step: z.int().nullable(),
        type: z.string(),
        ...place,
      },
      ...{ takenAt: nullable, small: z.boolean() },
    }),
  ),
  actions: z.array(z.object({ action: z.string(), title: text, needs: z.array(z.string()), as: z.string() })),
  alike: z.array(eventView.extend({ probability: z.number() })),
});

export const receivedAnswer = z.object({
  ...{
    report: z.int(),
    event: z.int(),
    number: z.string(),
    state: z.string(),
    joined: z.boolean(),
    again: z.boolean(),
  },
  ...{ probability: z.number().nullable(), why: z.array(evidence) },
});

const group = z.object({
  ...{
    key: z.string(),
    total: z.number(),
    reports: z.number(),
    open: z.number(),
    closed: z.number(),
    dropped: z.number(),
  },
  ...{
    lateOpen: z.number(),
    closedLate: z.number(),
    supervised: z.number(),
    returned: z.number(),
    transferred: z.number(),
    reworked: z.number(),
  },
  ...{
    onTime: z.number().nullable(),
    rating: z.number().nullable(),
    rated: z.number(),
    handleMinutes: z.number().nullable(),
  },
});
export const statisticsAnswer = z.object({
  ...{ from: z.string(), until: z.string(), all: group, paused: z.number() },
  stages: z.array(
    z.object({ stage: z.int(), standing: z.number(), passed: z.number(), minutes: z.number().nullable() }),
  ),
  ...{ organisations: z.array(group), towns: z.array(group), matters: z.array(group), channels: z.array(group) },
  days: z.array(z.object({ day: z.string(), total: z.number(), closed: z.number(), late: z.number() })),
  stuck: z.array(
    z.object({
      ...{
        id: z.int(),
        number: z.string(),
        matter: nullable,
        organisation: nullable,
        state: z.string(),
        late: z.boolean(),
        due: nullable,
        since: z.string(),
      },
    }),
  ),
});

export const catalogueAnswer = z.object({
  ...{ version: z.int(), digest: z.string() },
  matters: z.array(
    z.object({
      ...{
        id: z.string(),
        code: z.string(),
        title: text,
        group: z.string(),
        groupTitle: text,
        kind: z.string(),
        responsible: z.string(),
      },
      ...{ words: z.array(z.string()), urgency: z.string(), proof: z.string(), open: z.boolean(), accept: z.string() },
      limits: z.array(z.object({ id: z.string(), title: text, within: z.string() })),
    }),
  ),
  rules: z.array(
    z.object({
      name: text,
      when: z.record(z.string(), z.unknown()),
      to: z.string().nullable(),
      joint: z.array(z.string()),
      auto: z.boolean(),
      supervise: z.boolean(),
    }),
  ),
  faults: z.array(z.object({ code: z.string(), title: text, file: nullable, line: z.int().nullable() })),
  hours: z.array(z.string()),
  states: z.record(z.string(), text),
  stages: z.array(text),
  channels: z.record(z.string(), text),
  organisations: z.array(z.object({ id: z.string(), name: text })),
  towns: z.array(z.object({ code: z.string(), name: z.string(), longitude: z.number(), latitude: z.number() })),
});

export const outcomesAnswer = z.object({
  receivedAt: z.string(),
  results: z.array(
    z.object({
      ...{
        key: z.string(),
        outcome: z.enum(['done', 'refused']),
        event: z.int().nullable(),
        number: nullable,
        state: nullable,
      },
      ...{ joined: z.boolean(), code: nullable, message: text.nullable(), again: z.boolean() },
    }),
  ),
});
export const pictureAnswer = z.object({
  id: z.string(),
  bytes: z.int(),
  type: z.string(),
  ...place,
  takenAt: nullable,
});
export const publicState = z.object({
  ...{
    number: z.string(),
    matter: text.nullable(),
    state: z.string(),
    stateTitle: text,
    stage: z.int(),
    open: z.boolean(),
    text: z.string(),
  },
  ...{
    address: nullable,
    organisation: text.nullable(),
    reportedAt: z.string(),
    due: nullable,
    closedAt: nullable,
    rating: z.int().nullable(),
  },
  steps: z.array(z.object({ title: text, stage: z.int(), at: z.string() })),
  answer: nullable,
});
