/** What this viewer may do with an event now: the hub says which steps and what each needs; the main one stands first. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, InputNumber, Modal, Radio, Rate, Select } from 'antd';
import { type ReactNode, useId, useState } from 'react';
import { api, type Body } from '../../api/client.ts';
import { Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Merge } from './merge.tsx';
import { PictureInput } from './picture-input.tsx';
import { suggested } from './rules.ts';
import { type EventPage, useCatalogue } from './shared.tsx';
import { StartPlan } from './start-plan.tsx';

type Action = EventPage['actions'][number];
type StepBody = Body<'/api/v1/events/{id}/steps'>;
type Data = NonNullable<StepBody['data']>;

/** The step that brings an event on from where it stands. */
const onward: Record<string, string> = {
  ...{ registered: 'file', filed: 'dispatch', dispatched: 'accept', handling: 'finish' },
  ...{ paused: 'resume', handled: 'pass', closed: 'rate' },
};
const grave = new Set(['reject', 'return', 'fail', 'decline']);

export function Acts({ page, onDone }: { page: EventPage; onDone?: () => void }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const [doing, setDoing] = useState<Action>();
  const main = onward[page.event.state];
  const sorted = page.actions.toSorted((a, b) => Number(b.action === main) - Number(a.action === main));
  const open = !['closed', 'void', 'merged'].includes(page.event.state);
  const mayMerge = open && may('event.dispatch');
  return (
    <Panel title={t('events.acts')} id="event-acts">
      {sorted.length || mayMerge ? (
        <div className="event-acts">
          {sorted.map((a) => (
            <Button
              key={a.action}
              type={a.action === main ? 'primary' : 'default'}
              size={a.action === main ? 'large' : 'middle'}
              danger={grave.has(a.action)}
              onClick={() => setDoing(a)}
            >
              {say(a.title)}
            </Button>
          ))}
          {mayMerge ? <Merge page={page} /> : null}
          {open ? <StartPlan event={page.event} /> : null}
        </div>
      ) : (
        <p className="small quiet">{t('events.no-acts')}</p>
      )}
      {doing ? (
        <StepForm key={doing.action} page={page} action={doing} onClose={() => setDoing(undefined)} onDone={onDone} />
      ) : null}
    </Panel>
  );
}

function Field({ label, children, need }: { label: string; children: (id: string) => ReactNode; need?: boolean }) {
  const { t } = useSpeech();
  const id = useId();
  return (
    <div className="stack-s" style={{ gap: 4 }}>
      <label htmlFor={id} className="small">
        {label}
        {need ? <span className="ff-required">{t('common.required')}</span> : null}
      </label>
      {children(id)}
    </div>
  );
}

const spanUnits = ['working-days', 'working-hours', 'hours', 'days'] as const;

/** The form of one step: only what the step takes. */
function StepForm({
  page,
  action,
  onClose,
  onDone,
}: {
  page: EventPage;
  action: Action;
  onClose: () => void;
  onDone?: (() => void) | undefined;
}) {
  const { t, say } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const { data: catalogue } = useCatalogue();
  const e = page.event;
  const by = catalogue ? suggested(catalogue, e) : null;
  const [comment, setComment] = useState('');
  const [data, setData] = useState<Data>(() => first(action.action, page, by));
  const set = (patch: Partial<Data>) => setData((before) => ({ ...before, ...patch }));
  const [amount = '1', unit = 'working-days'] = (data.span ?? '').split(' ').filter(Boolean);
  const matter = catalogue?.matters.find((m) => m.id === e.matter);
  const needs = new Set(action.needs);
  const step = useMutation({
    mutationFn: () => {
      const given = Object.fromEntries(
        Object.entries(data).filter(([, v]) => v !== undefined && !(Array.isArray(v) && v.length === 0)),
      );
      return api.post('/api/v1/events/{id}/steps', {
        params: { id: e.id },
        body: { action: action.action, version: e.version, comment: comment.trim(), data: given },
      });
    },
    onSuccess: () => {
      void message.success(t('events.done', { what: say(action.title) }));
      onClose();
      onDone?.();
      return client.invalidateQueries({ queryKey: ['events'] });
    },
  });
  const organisations = (catalogue?.organisations ?? []).map((o) => ({ value: o.id, label: say(o.name) }));
  const asks = action.action === 'ask';
  const proof = needs.has('proof') && matter?.proof === 'picture';
  const running = page.clocks.filter((c) => c.state === 'running' && c.name !== 'accept');
  const last = matter?.limits.at(-1)?.id;
  const missing =
    (needs.has('comment') && [...comment.trim()].length < 2) ||
    (needs.has('organisation') && !data.organisation) ||
    (needs.has('matter') && !data.matter && !e.matter) ||
    (needs.has('joint') && !data.joint?.length) ||
    (needs.has('limit') && !data.limit) ||
    (needs.has('ask') && (!data.ask || (data.ask === 'delay' && !data.span))) ||
    (needs.has('stars') && !data.stars) ||
    (proof && !data.pictures?.length);
  const span = (
    <Field label={t('events.span')} need>
      {(id) => (
        <span className="row">
          <InputNumber
            id={id}
            min={1}
            max={60}
            value={Number(amount)}
            onChange={(n) => set({ span: `${n ?? 1} ${unit}` })}
          />
          <Select
            aria-label={t('events.span-unit')}
            value={unit}
            style={{ minWidth: 140 }}
            options={spanUnits.map((u) => ({ value: u, label: t(`events.unit-name.${u}`) }))}
            onChange={(u: string) => set({ span: `${amount} ${u}` })}
          />
        </span>
      )}
    </Field>
  );
  return (
    <Modal
      open
      title={`${say(action.title)} · ${e.number}`}
      onCancel={onClose}
      onOk={() => step.mutate()}
      okText={t('events.confirm')}
      cancelText={t('common.cancel')}
      okButtonProps={{ loading: step.isPending, disabled: missing, danger: grave.has(action.action) }}
    >
      <div className="stack-s" style={{ gap: 14 }}>
        {action.action === 'dispatch' && by ? (
          <p className="note small">{by.rule ? t('events.by-rule', { rule: say(by.rule) }) : t('events.by-matter')}</p>
        ) : null}
        {needs.has('matter') ? (
          <>
            <Field label={t('events.matter')} need>
              {(id) => (
                <Select
                  id={id}
                  aria-label={t('events.matter')}
                  showSearch={{ optionFilterProp: 'label' }}
                  value={data.matter ?? null}
                  options={(catalogue?.matters ?? []).map((m) => ({
                    value: m.id,
                    label: `${say(m.groupTitle)} · ${say(m.title)}`,
                  }))}
                  onChange={(m: string) =>
                    set({ matter: m, urgency: catalogue?.matters.find((x) => x.id === m)?.urgency as Data['urgency'] })
                  }
                />
              )}
            </Field>
            <Field label={t('events.urgency')}>
              {(id) => (
                <Radio.Group
                  id={id}
                  value={data.urgency}
                  options={(['normal', 'urgent'] as const).map((u) => ({ value: u, label: t(`events.urgency-${u}`) }))}
                  onChange={(event) => set({ urgency: event.target.value as Data['urgency'] })}
                />
              )}
            </Field>
          </>
        ) : null}
        {asks ? (
          <Field label={t('events.ask-for')} need>
            {(id) => (
              <Radio.Group
                id={id}
                value={data.ask}
                options={(['delay', 'pause', 'transfer'] as const).map((a) => ({
                  value: a,
                  label: t(`events.ask.${a}`),
                }))}
                onChange={(event) => {
                  const ask = event.target.value as Data['ask'];
                  set({ ask, span: ask === 'delay' ? '1 working-days' : undefined, organisation: undefined });
                }}
              />
            )}
          </Field>
        ) : null}
        {needs.has('organisation') || (asks && data.ask === 'transfer') ? (
          <Field label={t('events.to-organisation')} need={needs.has('organisation')}>
            {(id) => (
              <Select
                id={id}
                aria-label={t('events.to-organisation')}
                showSearch={{ optionFilterProp: 'label' }}
                value={data.organisation ?? null}
                options={organisations.filter((o) => action.action !== 'transfer' || o.value !== e.organisation)}
                onChange={(organisation: string) => set({ organisation })}
              />
            )}
          </Field>
        ) : null}
        {needs.has('joint') || action.action === 'dispatch' ? (
          <Field label={t('events.joint-with')} need={needs.has('joint')}>
            {(id) => (
              <Select
                id={id}
                aria-label={t('events.joint-with')}
                mode="multiple"
                maxCount={8}
                showSearch={{ optionFilterProp: 'label' }}
                value={data.joint ?? []}
                options={organisations.filter((o) => o.value !== (data.organisation ?? e.organisation))}
                onChange={(joint: string[]) => set({ joint: joint.length ? joint : undefined })}
              />
            )}
          </Field>
        ) : null}
        {needs.has('limit') ? (
          <Field label={t('events.limit')} need>
            {(id) => (
              <Select
                id={id}
                aria-label={t('events.limit')}
                value={data.limit ?? null}
                options={running.filter((c) => c.name !== last).map((c) => ({ value: c.name, label: say(c.title) }))}
                notFoundContent={t('events.no-limit')}
                onChange={(limit: string) => set({ limit })}
              />
            )}
          </Field>
        ) : null}
        {action.action === 'extend' || (asks && data.ask === 'delay') ? span : null}
        {action.action === 'supervise' ? (
          <Field label={t('events.level')}>
            {(id) => (
              <Radio.Group
                id={id}
                value={data.level}
                options={[1, 2, 3].map((n) => ({ value: n, label: t(`events.level-${n}`) }))}
                onChange={(event) => set({ level: event.target.value as number })}
              />
            )}
          </Field>
        ) : null}
        {needs.has('stars') ? (
          <Field label={t('events.stars')} need>
            {() => <Rate value={data.stars ?? 0} onChange={(stars) => set({ stars })} aria-label={t('events.stars')} />}
          </Field>
        ) : null}
        <Field label={t(needs.has('comment') ? `events.comment-needed` : 'events.comment')} need={needs.has('comment')}>
          {(id) => (
            <Input.TextArea
              id={id}
              rows={3}
              maxLength={1000}
              value={comment}
              onChange={(event) => setComment(event.target.value)}
            />
          )}
        </Field>
        {['finish', 'arrive', 'contribute', 'milestone', 'remark', 'fail'].includes(action.action) ? (
          <PictureInput
            kind={action.action === 'finish' || action.action === 'milestone' ? 'done' : 'scene'}
            need={proof}
            value={data.pictures ?? []}
            onChange={(pictures) => set({ pictures: pictures.length ? pictures : undefined })}
          />
        ) : null}
        {step.isError ? <Failure error={step.error} /> : null}
      </div>
    </Modal>
  );
}

/** What a form begins with. */
function first(action: string, { event, clocks }: EventPage, by: ReturnType<typeof suggested>): Data {
  if (action === 'dispatch') return { organisation: by?.to, ...(by?.joint.length ? { joint: by.joint } : {}) };
  if (action === 'file' || action === 'reclassify')
    return { matter: event.matter ?? undefined, urgency: event.urgency as Data['urgency'] };
  if (action === 'transfer' && event.asked?.organisation) return { organisation: event.asked.organisation };
  if (action === 'extend') return { span: event.asked?.span ?? '1 working-days' };
  if (action === 'supervise') return { level: Math.min(3, event.supervised + 1) };
  if (action === 'milestone') {
    const running = clocks.filter((c) => c.state === 'running' && c.name !== 'accept');
    return running.length > 1 ? { limit: running[0]!.name } : {};
  }
  return {};
}
