-- Emergency command (应急指挥): plans as registered, duty, resources, operations with their log.

-- Plans (预案): every version as it was registered or edited; none ever changes.
CREATE TABLE command.plan_version (
  plan text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  -- 'file': declared in plans/<name>/plan.yaml; 'edited': changed in the hub by a person.
  origin text NOT NULL CHECK (origin IN ('file', 'edited')),
  declaration jsonb NOT NULL,
  text text NOT NULL,
  hash text NOT NULL,
  reason text,
  made_by text,
  made_at timestamptz NOT NULL,
  seal integer,
  PRIMARY KEY (plan, version)
);
CREATE FUNCTION command.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'plans as registered and logs of operations do not change: % is refused', TG_OP;
END $$;
CREATE TRIGGER plan_immutable BEFORE UPDATE OR DELETE ON command.plan_version
  FOR EACH ROW EXECUTE FUNCTION command.refuse_change();
-- Which version is in force.
CREATE TABLE command.plan (
  id text PRIMARY KEY,
  version integer NOT NULL,
  FOREIGN KEY (id, version) REFERENCES command.plan_version (plan, version)
);

-- Duty (值班): a post is a chair that somebody must sit on; a shift says who, from when to when.
CREATE TABLE command.post (
  id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z0-9-]{0,39}$'),
  title jsonb NOT NULL,
  -- Null: the city's own command centre.
  organisation text,
  -- The post to which a gap here is told.
  escalate_to text REFERENCES command.post (id),
  active boolean NOT NULL DEFAULT true
);
CREATE TABLE command.shift (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  post text NOT NULL REFERENCES command.post (id),
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
  person text NOT NULL,
  -- An account, where the person has one.
  login text,
  -- A token of the vault; the number stands nowhere else.
  phone text,
  deputy text,
  deputy_login text,
  deputy_phone text,
  -- 'away': the person reported off; the deputy stands in, or nobody.
  state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'on', 'away', 'over')),
  version integer NOT NULL DEFAULT 1
);
CREATE INDEX shift_time ON command.shift (post, starts_at);
-- Hand-over (交接班): what the next one must know, and that it was taken.
CREATE TABLE command.handover (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  post text NOT NULL REFERENCES command.post (id),
  from_shift integer NOT NULL REFERENCES command.shift (id),
  to_shift integer REFERENCES command.shift (id),
  note text NOT NULL,
  open_matters jsonb NOT NULL,
  given_by text NOT NULL,
  given_at timestamptz NOT NULL,
  taken_by text,
  taken_at timestamptz,
  UNIQUE (from_shift)
);

-- Resources (应急资源): teams, vehicles, shelters, materials, equipment, experts.
CREATE TABLE command.resource (
  id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
  kind text NOT NULL CHECK (kind IN ('team', 'vehicle', 'shelter', 'material', 'equipment')),
  -- What plans ask for: 'pump', 'rescue', 'boat', 'sandbag' ...
  type text NOT NULL,
  name jsonb NOT NULL,
  organisation text NOT NULL,
  lon double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),
  lat double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),
  address text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'assigned', 'working', 'maintenance', 'closed')),
  -- Of teams their strength, of shelters their places, of materials nothing.
  capacity integer CHECK (capacity >= 0),
  -- Of materials what lies in stock, of shelters who is in.
  quantity numeric(14, 2) NOT NULL DEFAULT 0 CHECK (quantity >= 0),
  -- Of materials: out on loan and to come back.
  lent numeric(14, 2) NOT NULL DEFAULT 0 CHECK (lent >= 0),
  unit text NOT NULL DEFAULT '',
  -- Below this a material is to be replenished.
  least numeric(14, 2) NOT NULL DEFAULT 0,
  operation integer,
  version integer NOT NULL DEFAULT 1,
  changed_at timestamptz NOT NULL
);
CREATE INDEX resource_kind ON command.resource (kind, type);
CREATE TABLE command.movement (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  resource text NOT NULL REFERENCES command.resource (id),
  kind text NOT NULL,
  quantity numeric(14, 2) NOT NULL DEFAULT 0,
  stock_after numeric(14, 2) NOT NULL,
  lent_after numeric(14, 2) NOT NULL,
  state_after text NOT NULL,
  operation integer,
  key text UNIQUE,
  note text NOT NULL DEFAULT '',
  made_by text NOT NULL,
  made_at timestamptz NOT NULL
);
CREATE INDEX movement_resource ON command.movement (resource, id);
CREATE TRIGGER movement_immutable BEFORE UPDATE OR DELETE ON command.movement
  FOR EACH ROW EXECUTE FUNCTION command.refuse_change();

-- Operations (响应行动): a plan that was started, by a person.
CREATE TABLE command.operation (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  plan text NOT NULL,
  plan_version integer NOT NULL,
  title text NOT NULL,
  exercise boolean NOT NULL,
  -- 4 (IV) to 1 (I).
  level smallint NOT NULL CHECK (level BETWEEN 1 AND 4),
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'ended', 'closed')),
  lon double precision,
  lat double precision,
  place text NOT NULL DEFAULT '',
  grounds text NOT NULL,
  -- What a proposal or a person started it from: alert keys, event numbers.
  causes jsonb NOT NULL DEFAULT '[]',
  commander text NOT NULL,
  started_by text NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  end_grounds text,
  closed_at timestamptz,
  log_sha256 text,
  seal integer,
  -- Number of the last log entry.
  seq integer NOT NULL DEFAULT 0,
  -- Hash of the last log entry.
  head text NOT NULL DEFAULT '',
  key text UNIQUE,
  FOREIGN KEY (plan, plan_version) REFERENCES command.plan_version (plan, version)
);

-- The log (行动日志): everything that happened, chained by hashes; nothing is ever changed or taken out.
CREATE TABLE command.log (
  operation integer NOT NULL REFERENCES command.operation (id),
  seq integer NOT NULL,
  at timestamptz NOT NULL,
  kind text NOT NULL,
  actor text NOT NULL,
  organisation text,
  text jsonb NOT NULL,
  detail jsonb NOT NULL,
  -- What a caller names its act by: the same act sent twice is one.
  key text,
  hash text NOT NULL,
  PRIMARY KEY (operation, seq),
  UNIQUE (operation, key)
);
CREATE TRIGGER log_immutable BEFORE UPDATE OR DELETE ON command.log
  FOR EACH ROW EXECUTE FUNCTION command.refuse_change();

CREATE TABLE command.task (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  operation integer NOT NULL REFERENCES command.operation (id),
  -- Step of the plan; null of tasks that a commander gives.
  step text,
  role text,
  -- How often the step was ordered: a level that comes again orders it again.
  round integer NOT NULL DEFAULT 1,
  level smallint NOT NULL,
  organisation text NOT NULL,
  title jsonb NOT NULL,
  text jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'sent', 'acknowledged', 'working', 'done', 'refused', 'cancelled')),
  progress smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
  note text NOT NULL DEFAULT '',
  ack_minutes integer NOT NULL,
  limit_minutes integer NOT NULL,
  sent_at timestamptz,
  ack_due timestamptz,
  due timestamptz,
  acknowledged_at timestamptz,
  ended_at timestamptz,
  answered_by text,
  -- Who was on duty when it was sent; null: nobody.
  duty text,
  told_ack boolean NOT NULL DEFAULT false,
  told_late boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  UNIQUE (operation, step, role, round)
);
CREATE INDEX task_organisation ON command.task (organisation, state);
CREATE INDEX task_open ON command.task (operation) WHERE state IN ('waiting', 'sent', 'acknowledged', 'working');

-- Outbox of messages and the hub's own inbox; a message is delivered once.
CREATE TABLE command.message (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,
  operation integer REFERENCES command.operation (id),
  exercise boolean NOT NULL,
  organisation text,
  -- A post of the command centre instead of an organisation.
  post text,
  kind text NOT NULL,
  title jsonb NOT NULL,
  text jsonb NOT NULL,
  task integer,
  made_at timestamptz NOT NULL,
  delivered_at timestamptz
);
CREATE INDEX message_waiting ON command.message (id) WHERE delivered_at IS NULL;
CREATE TABLE command.inbox (
  message integer PRIMARY KEY REFERENCES command.message (id),
  organisation text,
  post text,
  arrived_at timestamptz NOT NULL,
  read_by text,
  read_at timestamptz
);
CREATE INDEX inbox_organisation ON command.inbox (organisation, message);

-- Orders and decisions (指令、决策), with the receipts of those who got them.
CREATE TABLE command.order_ (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  operation integer NOT NULL REFERENCES command.operation (id),
  kind text NOT NULL CHECK (kind IN ('order', 'decision')),
  text text NOT NULL,
  given_by text NOT NULL,
  given_at timestamptz NOT NULL
);
CREATE TABLE command.receipt (
  order_ integer NOT NULL REFERENCES command.order_ (id),
  organisation text NOT NULL,
  received_by text,
  received_at timestamptz,
  note text NOT NULL DEFAULT '',
  PRIMARY KEY (order_, organisation)
);

-- What is drawn on the shared map: the last writer of a shape wins; deleted ones stay as such.
CREATE TABLE command.shape (
  operation integer NOT NULL REFERENCES command.operation (id),
  id text NOT NULL,
  version integer NOT NULL,
  geometry jsonb NOT NULL,
  properties jsonb NOT NULL,
  deleted boolean NOT NULL DEFAULT false,
  drawn_by text NOT NULL,
  drawn_at timestamptz NOT NULL,
  PRIMARY KEY (operation, id)
);

CREATE TABLE command.meeting (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  operation integer NOT NULL REFERENCES command.operation (id),
  title text NOT NULL,
  url text NOT NULL,
  starts_at timestamptz NOT NULL,
  made_by text NOT NULL
);

-- Where nobody was on duty, until somebody has taken it on.
CREATE TABLE command.gap (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  operation integer NOT NULL REFERENCES command.operation (id),
  organisation text NOT NULL,
  found_at timestamptz NOT NULL,
  -- Posts and people that were told, in their order.
  told jsonb NOT NULL,
  ended_at timestamptz,
  ended_by text,
  note text
);
CREATE UNIQUE INDEX gap_open ON command.gap (operation, organisation) WHERE ended_at IS NULL;

-- Situation reports (情况报告): every version stays.
CREATE TABLE command.report (
  operation integer NOT NULL REFERENCES command.operation (id),
  number integer NOT NULL,
  version integer NOT NULL,
  -- Log entries up to this one are told of.
  upto integer NOT NULL,
  content jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('draft', 'signed')),
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  sha256 text,
  seal integer,
  PRIMARY KEY (operation, number, version)
);
CREATE TRIGGER report_immutable BEFORE UPDATE OR DELETE ON command.report
  FOR EACH ROW EXECUTE FUNCTION command.refuse_change();

-- What was learnt (经验教训).
CREATE TABLE command.lesson (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  operation integer NOT NULL REFERENCES command.operation (id),
  text text NOT NULL,
  organisation text,
  due date,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done')),
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  done_by text,
  done_at timestamptz
);

-- Plans that an alert proposes; a person decides.
CREATE TABLE command.proposal (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  plan text NOT NULL,
  level smallint NOT NULL,
  -- The alert that it comes from, as the room of alerts names it.
  alert text NOT NULL,
  title jsonb NOT NULL,
  reason jsonb NOT NULL,
  lon double precision,
  lat double precision,
  made_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'started', 'dismissed', 'passed')),
  operation integer,
  decided_by text,
  decided_at timestamptz,
  note text,
  UNIQUE (plan, alert, level)
);
