"""Requests have steps now: each request of the old version, which knew one approver, gets the one step that it had.

Idempotent: requests that have a step already are passed over.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    give_steps(api.Environment(cr, SUPERUSER_ID, {}))


def give_steps(env):
    """See above. Set-wise; a pending request waits for the same person as before."""
    env.flush_all()
    env.cr.execute(
        """
        INSERT INTO kehu_approval_request_step (request_id, step_id, sequence, name, state, kind, agree, minimum, group_id, escalate,
                                                date_opened, date_closed, create_uid, create_date, write_uid, write_date)
        SELECT r.id, r.step_id, 1000, COALESCE(r.step_name, r.name), CASE r.state WHEN 'pending' THEN 'current' ELSE r.state END, 'chosen',
               'any', 1, r.group_id, 'nothing', r.date_submitted, r.date_closed, r.create_uid, r.create_date, r.write_uid, r.write_date
          FROM kehu_approval_request r
         WHERE NOT EXISTS (SELECT FROM kehu_approval_request_step s WHERE s.request_id = r.id)
     RETURNING id
        """
    )
    ids = [row[0] for row in env.cr.fetchall()]
    if not ids:
        return
    env.cr.execute(
        """
        INSERT INTO kehu_approval_request_step_user_rel (step_id, user_id)
        SELECT s.id, r.approver_id
          FROM kehu_approval_request_step s JOIN kehu_approval_request r ON r.id = s.request_id
         WHERE s.id = ANY(%s) AND r.approver_id IS NOT NULL
         UNION
        SELECT s.id, d.user_id
          FROM kehu_approval_request_step s JOIN kehu_approval_request_decider_rel d ON d.request_id = s.request_id
         WHERE s.id = ANY(%s)
        """,
        [ids, ids],
    )
    env.cr.execute(
        """
        INSERT INTO kehu_approval_request_step_agreed_rel (step_id, user_id)
        SELECT DISTINCT s.id, d.user_id
          FROM kehu_approval_request_step s JOIN kehu_approval_decision d ON d.request_id = s.request_id AND d.result = 'approved'
         WHERE s.id = ANY(%s)
        """,
        [ids],
    )
    env.cr.execute(
        """
        UPDATE kehu_approval_decision d SET step_line_id = s.id, step_name = s.name
          FROM kehu_approval_request_step s
         WHERE s.request_id = d.request_id AND s.id = ANY(%s) AND d.step_line_id IS NULL
        """,
        [ids],
    )
    env.cr.execute(
        """
        UPDATE kehu_approval_request r SET turn_on = r.date_submitted, if_nobody = COALESCE(r.if_nobody, 'refuse')
          FROM kehu_approval_request_step s
         WHERE s.request_id = r.id AND s.id = ANY(%s) AND r.turn_on IS NULL
        """,
        [ids],
    )
    env.invalidate_all()
