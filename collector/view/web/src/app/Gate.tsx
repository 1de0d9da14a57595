import { Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, type ReactNode } from 'react';
import { sessionQuery } from '../api/requests';
import type { Session } from '../api/types';
import { LiveProvider } from '../live/LiveProvider';
import { ProblemNotice } from '../parts/Notice';

// Who has a session waits for none of these.
const CodePage = lazy(async () => ({ default: (await import('../pages/login/CodePage')).CodePage }));
const FirstPasswordPage = lazy(async () => ({ default: (await import('../pages/login/FirstPasswordPage')).FirstPasswordPage }));
const LoginPage = lazy(async () => ({ default: (await import('../pages/login/LoginPage')).LoginPage }));
const SecondStepPage = lazy(async () => ({ default: (await import('../pages/login/SecondStepPage')).SecondStepPage }));

/** Nothing behind it is shown, or asked for, without a session. The address stays, so that log-in leads back to it. */
export function Gate({ children }: { children: ReactNode }) {
  const { data: session, error, isPending, refetch } = useQuery(sessionQuery);
  if (isPending) return <Waiting />;
  const step = nextStep(session);
  if (session && !step) return <LiveProvider>{children}</LiveProvider>;
  if (error && !session) {
    return (
      <Center h="100%" p="md">
        <ProblemNotice error={error} retry={() => void refetch()} />
      </Center>
    );
  }
  return <Suspense fallback={<Waiting />}>{step}</Suspense>;
}

/** What a person has to do before the page is theirs; nothing, where it is. */
function nextStep(session: Session | null | undefined): ReactNode {
  if (!session) return <LoginPage />;
  if (session.awaits_code) return <CodePage />;
  if (session.must_change_password) return <FirstPasswordPage />;
  if (session.must_set_up_totp) return <SecondStepPage />;
  return null;
}

function Waiting() {
  return (
    <Center h="100%">
      <Loader size="sm" aria-label="Loading" />
    </Center>
  );
}
