/** 预案详情: levels, steps, roles with who is on duty, triggers, versions; editing makes a further version. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button, Input, Modal, Tabs } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { Label, Page, Panel } from '../../components/page.tsx';
import { Failure, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { instant, shortHash } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { Level, romans, useAct } from './shared.tsx';
import { StartForm, type Target } from './start.tsx';

type Plan = Answer<'/api/v1/command/plans/{id}'>;
const number = (level: string) => romans.indexOf(level as 'IV');

export default function PlanPage() {
  const { t } = useSpeech();
  const id = (useParams({ strict: false }) as { plan?: string }).plan ?? '';
  const plan = useQuery({
    queryKey: ['command', 'plan', id],
    queryFn: ({ signal }) => api.get('/api/v1/command/plans/{id}', { params: { id }, signal }),
  });
  return (
    <Loaded query={plan} heading={t('titles.command-plan')}>
      {(p) => <Whole p={p} />}
    </Loaded>
  );
}

function Whole({ p }: { p: Plan }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const [target, setTarget] = useState<Target>();
  const [editing, setEditing] = useState(false);
  return (
    <Page
      title={say(p.head.title)}
      lead={say(p.head.note)}
      actions={
        <>
          {may('command.manage') ? <Button onClick={() => setEditing(true)}>{t('command.edit-plan')}</Button> : null}
          {may('command.act') ? (
            <Button
              type="primary"
              onClick={() =>
                setTarget({ plan: p.head.id, title: say(p.head.title), levels: p.head.levels.map((l) => l.level) })
              }
            >
              {t('command.start')}
            </Button>
          ) : null}
        </>
      }
    >
      <Tabs
        items={[
          { key: 'steps', label: t('command.steps'), children: <Steps p={p} /> },
          { key: 'roles', label: t('command.roles'), children: <Roles p={p} /> },
          { key: 'levels', label: t('command.levels'), children: <Levels p={p} /> },
          { key: 'versions', label: t('command.versions'), children: <Versions p={p} /> },
        ]}
      />
      <StartForm target={target} onClose={() => setTarget(undefined)} />
      {editing ? <Edit p={p} onClose={() => setEditing(false)} /> : null}
    </Page>
  );
}

function Steps({ p }: { p: Plan }) {
  const { t, say } = useSpeech();
  const role = (id: string) => say(p.roles.find((r) => r.id === id)?.title);
  return (
    <Panel title={t('command.steps')} flush extra={<span className="quiet">{t('command.nested')}</span>}>
      <DataTable
        caption={t('command.steps')}
        rows={p.steps}
        rowKey={(s) => s.id}
        columns={[
          {
            key: 'level',
            title: t('command.from-level'),
            tight: true,
            render: (s) => <Level level={number(s.level)} />,
          },
          {
            key: 'title',
            title: t('command.step'),
            head: true,
            render: (s) => (
              <>
                {say(s.title)}
                <p className="small quiet">{say(s.text)}</p>
                {s.message ? <p className="small">{`${t('command.message')}：${say(s.message)}`}</p> : null}
              </>
            ),
          },
          { key: 'roles', title: t('command.roles'), render: (s) => s.roles.map(role).join('、') },
          {
            key: 'after',
            title: t('command.after'),
            render: (s) => s.after.map((a) => say(p.steps.find((x) => x.id === a)?.title)).join('、') || '—',
          },
          {
            key: 'limit',
            title: t('command.limits'),
            align: 'end',
            tight: true,
            render: (s) => <span className="num">{`${s.acknowledge} / ${s.limit}`}</span>,
          },
          {
            key: 'resources',
            title: t('command.resources'),
            render: (s) =>
              s.resources.map((r) => (
                <p key={r.type} className={r.ready < r.count ? 'small bad-text' : 'small'}>
                  {t(`command.resource-kind.${r.kind}`)} {t(`command.type.${r.type}`, { defaultValue: r.type })}{' '}
                  {r.count}（{t('command.ready-n', { n: r.ready })}）
                </p>
              )),
          },
        ]}
      />
    </Panel>
  );
}

function Roles({ p }: { p: Plan }) {
  const { t, say } = useSpeech();
  return (
    <Panel title={t('command.roles')} flush>
      <DataTable
        caption={t('command.roles')}
        rows={p.roles}
        rowKey={(r) => r.id}
        columns={[
          { key: 'role', title: t('command.role'), head: true, render: (r) => say(r.title) },
          { key: 'organisation', title: t('command.organisation'), render: (r) => say(r.organisation.name) },
          {
            key: 'duty',
            title: t('command.on-duty'),
            render: (r) =>
              r.duty.length ? (
                r.duty.map((d) => `${d.person}（${say(d.post)}）`).join('、')
              ) : (
                <span className="bad-text">{t('command.nobody')}</span>
              ),
          },
          {
            key: 'alternates',
            title: t('command.alternates'),
            render: (r) => r.alternates.map((a) => say(a.name)).join('、') || '—',
          },
        ]}
      />
    </Panel>
  );
}

function Levels({ p }: { p: Plan }) {
  const { t, say } = useSpeech();
  return (
    <div className="stack">
      <Panel title={t('command.levels')} flush>
        <DataTable
          caption={t('command.levels')}
          rows={p.head.levels}
          rowKey={(l) => l.level}
          columns={[
            { key: 'level', title: t('command.level'), tight: true, render: (l) => <Level level={number(l.level)} /> },
            { key: 'when', title: t('command.when'), head: true, render: (l) => say(l.when) },
            { key: 'by', title: t('command.ordered-by'), render: (l) => say(l.by) },
            {
              key: 'trigger',
              title: t('command.triggers'),
              render: (l) =>
                p.triggers
                  .filter((x) => x.level === l.level)
                  .map((x) => `${say(x.text)}（${x.codes.join('、')}）`)
                  .join('；') || '—',
            },
          ]}
        />
      </Panel>
      <Panel title={t('command.end-when')}>
        <ul className="command-list">
          {p.end.map((e) => (
            <li key={e.en}>{say(e)}</li>
          ))}
        </ul>
      </Panel>
      <Panel title={t('command.basis')}>
        <ul className="command-list">
          {p.basis.map((e) => (
            <li key={e.en}>{say(e)}</li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}

function Versions({ p }: { p: Plan }) {
  const { t } = useSpeech();
  const { may } = useSession();
  const adopt = useAct((version: number) =>
    api.post('/api/v1/command/plans/{id}/adopt', { params: { id: p.head.id }, body: { version } }),
  );
  return (
    <Panel title={t('command.versions')} flush>
      {adopt.isError ? <Failure error={adopt.error} /> : null}
      <DataTable
        caption={t('command.versions')}
        rows={p.versions}
        rowKey={(v) => v.version}
        columns={[
          { key: 'version', title: t('command.version'), head: true, tight: true, render: (v) => v.version },
          { key: 'origin', title: t('command.kind'), tight: true, render: (v) => t(`command.origin-${v.origin}`) },
          { key: 'reason', title: t('command.reason'), render: (v) => v.reason ?? '—' },
          { key: 'made', title: t('command.made'), render: (v) => `${instant(v.madeAt)} ${v.madeBy ?? ''}` },
          { key: 'hash', title: 'SHA-256', tight: true, render: (v) => <code>{shortHash(v.hash)}</code> },
          {
            key: 'act',
            title: t('command.state'),
            tight: true,
            render: (v) =>
              v.inForce ? (
                <Label tone="good">{t('command.in-force')}</Label>
              ) : may('command.manage') ? (
                <Button size="small" onClick={() => adopt.mutate(v.version)}>
                  {t('command.adopt')}
                </Button>
              ) : null,
          },
        ]}
      />
    </Panel>
  );
}

function Edit({ p, onClose }: { p: Plan; onClose: () => void }) {
  const { t } = useSpeech();
  const [text, setText] = useState(p.text);
  const [reason, setReason] = useState('');
  const save = useAct(
    () =>
      api.post('/api/v1/command/plans/{id}/versions', {
        params: { id: p.head.id },
        body: { text, reason: reason.trim(), base: p.head.version },
      }),
    onClose,
  );
  return (
    <Modal
      open
      width={920}
      title={t('command.edit-plan')}
      okText={t('common.save')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: reason.trim().length < 2 || text === p.text, loading: save.isPending }}
      onOk={() => save.mutate(undefined)}
      onCancel={onClose}
    >
      <div className="stack-s">
        <Input.TextArea
          className="mono"
          aria-label={t('command.plan')}
          rows={20}
          value={text}
          onChange={(e) => setText(e.target.value)}
        />
        <Input
          aria-label={t('command.reason')}
          placeholder={t('command.reason')}
          maxLength={500}
          value={reason}
          onChange={(e) => setReason(e.target.value)}
        />
        {save.isError ? <Failure error={save.error} /> : null}
      </div>
    </Modal>
  );
}
