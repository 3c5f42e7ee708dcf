//! What generated code calls. No part of the public interface: it may change in any release.
