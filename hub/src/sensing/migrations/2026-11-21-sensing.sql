-- Sensing: device gateways and their keys, entities and their series, outside brokers, cameras and what their analysis saw.
CREATE TABLE sensing.gateway (
  id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z0-9-]{1,39}$'),
  title text NOT NULL,
  owner text NOT NULL,
  -- Beginnings of the identifiers of entities that it may write.
  scope jsonb NOT NULL,
  -- Whether entities of known types are registered when they are first heard.
  auto boolean NOT NULL,
  per_second integer NOT NULL CHECK (per_second BETWEEN 1 AND 1000000),
  state text NOT NULL CHECK (state IN ('active', 'disabled')),
  version integer NOT NULL DEFAULT 1,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL
);
-- Keys as their SHA-256; at most two in force, so that one can be exchanged without a pause.
CREATE TABLE sensing.gateway_key (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  gateway text NOT NULL REFERENCES sensing.gateway (id),
  hash bytea NOT NULL UNIQUE,
  hint text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX gateway_key_gateway ON sensing.gateway_key (gateway);
CREATE TABLE sensing.entity (
  id text PRIMARY KEY,
  type text NOT NULL,
  label_zh text NOT NULL,
  label_en text NOT NULL,
  lon double precision,
  lat double precision,
  owner text,
  address text,
  -- Further attributes by the names of the Smart Data Models: brandName, modelName, serialNumber, dateInstalled, controlledAsset …
  attributes jsonb NOT NULL DEFAULT '{}',
  -- Who brought it: a gateway's id when it was registered by itself.
  origin text NOT NULL,
  active boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
);
CREATE INDEX entity_type ON sensing.entity (type);
CREATE TABLE sensing.series (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  entity text NOT NULL REFERENCES sensing.entity (id),
  property text NOT NULL,
  unit text NOT NULL,
  least double precision NOT NULL,
  most double precision NOT NULL,
  -- Seconds between two readings as expected; 0: not known.
  interval_s integer NOT NULL DEFAULT 0,
  -- Least milliseconds between two readings.
  gap_ms integer NOT NULL DEFAULT 100,
  -- Seconds without a change after which it is flat; 0: never.
  flat_s integer NOT NULL DEFAULT 0,
  drifting boolean NOT NULL DEFAULT false,
  scale double precision NOT NULL DEFAULT 1,
  shift double precision NOT NULL DEFAULT 0,
  UNIQUE (entity, property)
);
-- Calibrations (校准): what was set when by whom, and until when it is good.
CREATE TABLE sensing.calibration (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  series integer NOT NULL REFERENCES sensing.series (number),
  scale double precision NOT NULL,
  shift double precision NOT NULL,
  certificate text NOT NULL,
  due date,
  note text NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL
);
CREATE INDEX calibration_series ON sensing.calibration (series, id);
CREATE TABLE sensing.broker (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  title text NOT NULL,
  url text NOT NULL,
  protocol smallint NOT NULL CHECK (protocol IN (4, 5)),
  topic text NOT NULL,
  -- With MQTT 5: the group of a shared subscription; null: none.
  share_group text,
  gateway text NOT NULL REFERENCES sensing.gateway (id),
  username text,
  -- The password, sealed.
  salt bytea,
  ciphertext bytea,
  token text,
  ca text,
  active boolean NOT NULL DEFAULT true,
  version integer NOT NULL DEFAULT 1,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL
);
-- Cameras by their GB/T 28181 codes.
CREATE TABLE sensing.camera (
  code text PRIMARY KEY CHECK (code ~ '^[0-9]{20}$'),
  label_zh text NOT NULL,
  label_en text NOT NULL,
  lon double precision,
  lat double precision,
  address text,
  owner text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('fixed', 'dome', 'ball', 'mobile')),
  direction double precision,
  -- Whether it looks at public space, inside a site, or at something that few may see.
  sensitivity text NOT NULL CHECK (sensitivity IN ('public', 'site', 'restricted')),
  -- Where its stream is, sealed: addresses of streams carry names and passwords.
  salt bytea,
  ciphertext bytea,
  token text,
  -- Organisations whose people may watch; empty: the owner's alone. Who may watch the whole city may watch what is not restricted.
  viewers jsonb NOT NULL DEFAULT '[]',
  keep_days integer NOT NULL DEFAULT 30,
  state text NOT NULL CHECK (state IN ('online', 'offline', 'fault', 'retired')),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
);
CREATE INDEX camera_owner ON sensing.camera (owner);
-- What analysis of video saw: a kind out of a list without persons, when and where, how sure; never a face.
CREATE TABLE sensing.video_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The analysis's own number of it: taken once.
  key text NOT NULL,
  gateway text NOT NULL,
  camera text NOT NULL REFERENCES sensing.camera (code),
  kind text NOT NULL,
  at timestamptz NOT NULL,
  confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  count integer,
  note text NOT NULL DEFAULT '',
  received_at timestamptz NOT NULL,
  UNIQUE (gateway, key)
);
CREATE INDEX video_event_at ON sensing.video_event (at);
CREATE INDEX video_event_camera ON sensing.video_event (camera, at);
