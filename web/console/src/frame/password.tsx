/** Fields for a new password with the policy's rules ticked off while typing; the hub decides, this only helps. */
import { CheckOutlined, InfoCircleOutlined, MinusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Form, Input } from 'antd';
import { useSpeech } from '../i18n/index.ts';
import { signInQuery } from '../session/session.tsx';
import { passwordFeedback, usualPolicy } from './password-rules.ts';

export interface PasswordForm {
  current: string;
  next: string;
  again: string;
}

export function PasswordFields({ first = false }: { first?: boolean }) {
  const { t } = useSpeech();
  const required = { required: true, message: t('common.required') };
  return (
    <>
      <Form.Item
        name="current"
        label={first ? t('frame.password.one-time') : t('frame.password.current')}
        rules={[required]}
      >
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Form.Item name="next" label={t('frame.password.next')} rules={[required]} style={{ marginBlockEnd: 8 }}>
        <Input.Password autoComplete="new-password" />
      </Form.Item>
    </>
  );
}

export function PasswordRules({ login }: { login: string }) {
  const { t } = useSpeech();
  const next: string = Form.useWatch('next') ?? '';
  const policy = useQuery(signInQuery).data?.passwordPolicy ?? usualPolicy;
  return (
    <>
      <ul className="small" style={{ marginBlockEnd: 14 }} aria-live="polite">
        {passwordFeedback(next, login, policy).map((rule) => (
          <li key={rule.rule} className={rule.met ? 'good-text' : 'quiet'}>
            {rule.met === null ? (
              <InfoCircleOutlined aria-hidden="true" />
            ) : rule.met ? (
              <CheckOutlined aria-label={t('frame.password.met')} />
            ) : (
              <MinusOutlined aria-label={t('frame.password.unmet')} />
            )}{' '}
            {t(`frame.password.rules.${rule.rule}`, { n: rule.n })}
          </li>
        ))}
      </ul>
      <Form.Item
        name="again"
        label={t('frame.password.again')}
        dependencies={['next']}
        rules={[
          { required: true, message: t('common.required') },
          ({ getFieldValue }) => ({
            validator: (_, value: string) =>
              !value || value === getFieldValue('next')
                ? Promise.resolve()
                : Promise.reject(new Error(t('frame.password.differs'))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
    </>
  );
}
