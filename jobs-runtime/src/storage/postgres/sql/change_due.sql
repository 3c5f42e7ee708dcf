UPDATE {schema}.job SET due_at = $2, cancel = false, flow = flow | 16, fence = greatest(fence, $3),
    -- In seconds: days are not of one length in every zone that a session may be set to.
    expires_at = $2 + extract(epoch FROM expires_at - due_at) * interval '1 second'
WHERE id = $1
