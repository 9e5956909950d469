import type { ErrorBody, FieldProblem } from '@shared/errors';
import type { z } from 'zod';

/** One problem per field, named with its path. */
export function fieldProblems(error: z.ZodError): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.filter((part) => part !== 'changes').join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        field: key,
        message: `The field "${key}" cannot be set here.`,
      }));
    }
    return [{ field: path, message: sentence(path, issue.message) }];
  });
}

/** The problems as one error. */
export function validationBody(error: z.ZodError): ErrorBody {
  const fields = fieldProblems(error);
  return {
    code: 'validation',
    message: fields.map((field) => field.message).join(' '),
    data: { fields },
  };
}

function sentence(path: string, message: string): string {
  const named = path !== '' && !message.includes(path.split('.').at(-1) ?? path);
  const text = named ? `${path}: ${message}` : message;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
